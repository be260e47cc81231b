package dev.sluice.cli;

/**
 * What one check of the way to a server saw.
 *
 * @param seen for people
 */
public record Finding(Check check, Verdict verdict, String seen) {
    public enum Verdict {
        GOOD,
        FAULT,
        /** It could not be told. */
        UNKNOWN
    }

    /** What may be wrong between a client and the server, and what then has to change. Directives are nginx's. */
    public enum Check {
        LENGTH(
                "Content-Length",
                "no filter may touch the body: sub_filter, ssi, addition_types, gunzip off; no proxy that re-chunks"),
        TAG(
                "ETag",
                "no proxy_hide_header ETag, and no filter that weakens it: gzip, sub_filter, ssi off; CDNs: strong entity tags on"),
        RANGES_OFFERED("Accept-Ranges", "no proxy_hide_header Accept-Ranges, no add_header Accept-Ranges"),
        RANGE("Range", "no proxy_set_header Range \"\"; no proxy_cache, which drops it too"),
        IF_RANGE("If-Range", "no proxy_set_header If-Range; a tag must come and go as it is"),
        NOT_MODIFIED("If-None-Match", "no proxy_set_header If-None-Match; no proxy_cache"),
        COMPRESSION("compression", "gzip off (brotli off), or gzip_types without this type; CDNs: no compression here"),
        BUFFERING(
                "buffering",
                "proxy_buffering off, without proxy_ignore_headers X-Accel-Buffering; or proxy_max_temp_file_size 0"),
        PATIENCE(
                "slow clients",
                "send_timeout and proxy_read_timeout of an hour; load balancers: idle and response timeouts beyond the longest download"),
        UPLOADS("large uploads", "client_max_body_size 0, proxy_request_buffering off");

        private final String title;
        private final String change;

        Check(String title, String change) {
            this.title = title;
            this.change = change;
        }

        public String title() {
            return title;
        }

        /** What to do about a fault. */
        public String change() {
            return change;
        }
    }

    public boolean isFault() {
        return verdict == Verdict.FAULT;
    }

    static Finding good(Check check, String seen) {
        return new Finding(check, Verdict.GOOD, seen);
    }

    static Finding fault(Check check, String seen) {
        return new Finding(check, Verdict.FAULT, seen);
    }

    static Finding unknown(Check check, String seen) {
        return new Finding(check, Verdict.UNKNOWN, seen);
    }
}
