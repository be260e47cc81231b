package dev.sluice.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.http.Paging;
import java.util.List;

/** @param total jobs on all pages */
record JobPage(List<Job> jobs, Paging page, long total) {
    ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.set("jobs", Json.array(jobs, Job::toJson));
        json.putPOJO("pagination", page.describe(total));
        return json;
    }
}
