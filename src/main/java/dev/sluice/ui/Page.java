package dev.sluice.ui;

/** A page: its route and its module. What it shows before the module has run is the resource {@code pages/MODULE.html}. */
public enum Page {
    MODELS("/models", "models", "Models"),
    COMPARE("/models/compare", "compare", "Compare models"),
    MODEL("/models/:id", "model", "Model"),
    JOBS("/jobs", "jobs", "Jobs"),
    JOB("/jobs/:id", "job", "Job"),
    CATALOG("/catalog", "catalog", "Catalog"),
    DOWNLOADS("/downloads", "downloads", "Downloads");

    private final String route;
    private final String module;
    private final String title;

    Page(String route, String module, String title) {
        this.route = route;
        this.module = module;
        this.title = title;
    }

    public String route() {
        return route;
    }

    String module() {
        return module;
    }

    String title() {
        return title;
    }
}
