package dev.sluice.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** @param total jobs on all pages */
record JobPage(List<Job> jobs, Page page, long total) {
    ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.set("jobs", Json.array(jobs, Job::toJson));
        json.set("pagination", page.toJson(total));
        return json;
    }
}
