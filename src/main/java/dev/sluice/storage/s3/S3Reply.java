package dev.sluice.storage.s3;

import dev.sluice.storage.StoreUnavailable;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/** What the store answered, in whole. */
record S3Reply(int status, MultiMap headers, Buffer document) {
    byte[] body() {
        return document.getBytes();
    }

    boolean isOk() {
        return status >= 200 && status < 300 && errorCode().isEmpty();
    }

    /** Whether the same may well succeed a little later. An answer of 200 can carry an error, when it took long to come. */
    boolean isTransient() {
        return isTransient(status)
                || errorCode()
                        .filter(code -> status < 300 || code.equals("RequestTimeout"))
                        .isPresent();
    }

    static boolean isTransient(int status) {
        return status >= 500 || status == 429 || status == 408;
    }

    /** What became of the request, in a word: one of few. */
    String outcome() {
        return isTransient() ? "unavailable" : outcome(status);
    }

    /** As {@link #outcome}, by the head alone. */
    static String outcome(int status) {
        if (isTransient(status)) {
            return "unavailable";
        }
        if (status == 404) {
            return "missing";
        }
        return status >= 200 && status < 300 ? "ok" : "refused";
    }

    /** For who expected another answer. */
    StoreUnavailable refused(String what) {
        return new StoreUnavailable(what + " was refused: " + status
                + errorCode().map(code -> " " + code).orElse(""));
    }

    Optional<String> errorCode() {
        return document.length() == 0 ? Optional.empty() : S3Xml.errorCode(body());
    }

    String header(String name) {
        String value = headers.get(name);
        return value == null ? "" : value;
    }
}
