package dev.sluice.cli;

import dev.sluice.cli.Finding.Check;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Downloads from a server as clients do, and tells by the answers what the hops in between do to them. Each check is a request that
 * the server itself is known to answer in one way only. Blocking.
 */
public final class Doctor {
    private static final String WHOLE = "identity";
    private static final long LARGE_UPLOAD = 1L << 30;

    private final Way way;
    private final Duration patience;

    /**
     * @param server where a server is reached, or a download of it
     * @param token a bearer token of somebody who has something to download; empty for a link
     * @param patience for how long a client is slow
     */
    public Doctor(URI server, Optional<String> token, Duration patience) {
        this.way = new Way(server, token);
        this.patience = patience;
    }

    /**
     * Asks for everything, one after the other.
     *
     * @throws IOException when there is no answer at all, or nothing to download
     */
    public List<Finding> examine() throws IOException {
        URI target = new Downloadable(way).find();
        HttpResponse<InputStream> plain = way.get(target, "Accept-Encoding", WHOLE);
        plain.body().close();
        if (plain.statusCode() != 200) {
            throw new IOException(
                    target.getPath() + " answers " + plain.statusCode() + ", where a download was expected");
        }
        List<Finding> findings = new ArrayList<>();
        findings.add(length(plain));
        findings.add(tag(plain));
        findings.add(rangesOffered(plain));
        findings.addAll(ranges(target, plain.headers().firstValue("ETag")));
        findings.add(compression(target));
        findings.add(uploads());
        findings.addAll(new SlowDownload(way, target, patience).examine());
        return List.copyOf(findings);
    }

    private static Finding length(HttpResponse<InputStream> plain) {
        return plain.headers()
                .firstValue("Content-Length")
                .map(length -> Finding.good(Check.LENGTH, length + " bytes"))
                .orElse(Finding.fault(Check.LENGTH, "is missing: no progress is shown, and a cut is not noticed"));
    }

    private static Finding tag(HttpResponse<InputStream> plain) {
        return plain.headers()
                .firstValue("ETag")
                .map(tag -> tag.startsWith("\"")
                        ? Finding.good(Check.TAG, tag)
                        : Finding.fault(Check.TAG, tag + " is weak: nothing resumes by it"))
                .orElse(Finding.fault(Check.TAG, "is missing: nothing resumes safely"));
    }

    private static Finding rangesOffered(HttpResponse<InputStream> plain) {
        String offered = plain.headers().firstValue("Accept-Ranges").orElse("nothing");
        return offered.equals("bytes")
                ? Finding.good(Check.RANGES_OFFERED, offered)
                : Finding.fault(Check.RANGES_OFFERED, offered + " instead of bytes: clients do not resume");
    }

    /** The content of a job that still runs is given in parts only to who names its tag. */
    private List<Finding> ranges(URI target, Optional<String> told) throws IOException {
        // One that became weak on its way is strong where it came from.
        String tag = told.map(one -> one.replaceFirst("^W/", "")).orElse("\"none\"");
        String part = "bytes=1-2";
        int named = status(target, "Range", part, "If-Range", tag);
        int alone = status(target, "Range", part);
        List<Finding> findings = new ArrayList<>();
        if (named != 206 && alone != 206) {
            findings.add(Finding.fault(Check.RANGE, "answered with " + alone + " and the whole: downloads begin anew"));
            findings.add(Finding.unknown(Check.IF_RANGE, "shows only where ranges pass"));
        } else {
            findings.add(Finding.good(Check.RANGE, "answered with 206"));
            int other = status(target, "Range", part, "If-Range", "\"another\"");
            findings.add(
                    other == 206
                            ? Finding.fault(Check.IF_RANGE, "does not arrive: two versions would be spliced")
                            : told.isPresent() && named != 206
                                    ? Finding.fault(Check.IF_RANGE, "with our own tag is answered with the whole")
                                    : Finding.good(Check.IF_RANGE, "arrives"));
        }
        int unchanged = status(target, "If-None-Match", tag);
        findings.add(
                told.isEmpty()
                        ? Finding.unknown(Check.NOT_MODIFIED, "needs a tag")
                        : unchanged == 304
                                ? Finding.good(Check.NOT_MODIFIED, "answered with 304")
                                : Finding.fault(Check.NOT_MODIFIED, "answered with " + unchanged + " instead of 304"));
        return findings;
    }

    private int status(URI target, String... fields) throws IOException {
        HttpResponse<InputStream> response = way.get(target, fields);
        response.body().close();
        return response.statusCode();
    }

    private Finding compression(URI target) throws IOException {
        HttpResponse<InputStream> response = way.get(target, "Accept-Encoding", "gzip, deflate, br, zstd");
        response.body().close();
        return response.headers()
                .firstValue("Content-Encoding")
                .map(coding -> Finding.fault(Check.COMPRESSION, coding + ": without length, tag and ranges"))
                .orElse(Finding.good(Check.COMPRESSION, "none"));
    }

    /** Of the server itself come only problem documents. */
    private Finding uploads() {
        return way.announce("/api/training/no-such-job/files/model/doctor.bin", LARGE_UPLOAD)
                .filter(refused -> refused.statusCode() == 413
                        && !refused.headers()
                                .firstValue("Content-Type")
                                .orElse("")
                                .startsWith("application/problem+json"))
                .map(refused -> Finding.fault(Check.UPLOADS, "1 GiB is refused with 413"))
                .orElse(Finding.good(Check.UPLOADS, "1 GiB is not refused for its size"));
    }

    /** A table for people: each check, what was seen, and below a fault what to change. */
    public static void print(List<Finding> findings, PrintStream out) {
        for (Finding finding : findings) {
            out.printf(
                    Locale.ROOT,
                    "%-8s %-16s %s%n",
                    finding.verdict().name().toLowerCase(Locale.ROOT),
                    finding.check().title(),
                    finding.seen());
            if (finding.isFault()) {
                out.printf(
                        Locale.ROOT,
                        "%-8s %-16s %s%n",
                        "",
                        "  to change:",
                        finding.check().change());
            }
        }
    }
}
