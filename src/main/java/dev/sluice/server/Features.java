package dev.sluice.server;

import dev.sluice.access.BearerAuthentication;
import dev.sluice.access.Proxies;
import dev.sluice.catalog.CatalogHandlers;
import dev.sluice.jobs.AutoMlDownloads;
import dev.sluice.jobs.Downloads;
import dev.sluice.jobs.JobHandlers;
import dev.sluice.jobs.ListingHandlers;
import dev.sluice.jobs.Uploads;
import dev.sluice.models.ModelFeatures;
import dev.sluice.ui.UserInterface;

/** What the routes lead to. Shared by all event loops. */
record Features(
        ResponseCount responses,
        Proxies proxies,
        CrossOrigin crossOrigin,
        ApiDocument api,
        BearerAuthentication authentication,
        JobHandlers jobs,
        ListingHandlers listings,
        Downloads downloads,
        AutoMlDownloads autoMl,
        Uploads uploads,
        RecordHandlers records,
        ModelFeatures models,
        CatalogHandlers catalog,
        UserInterface ui) {}
