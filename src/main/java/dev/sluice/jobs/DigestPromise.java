package dev.sluice.jobs;

import dev.sluice.http.Digest;
import dev.sluice.http.DigestField;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.storage.Fingerprint;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The digests that a sender promises of its body (RFC 9530): of a body without content coding all fields mean the same. */
record DigestPromise(List<Digest> digests) {
    /** Fails with 400 when a digest cannot be read: who sends one wants it checked. */
    static DigestPromise read(MultiMap headers) {
        List<Digest> digests = new ArrayList<>();
        for (String name : List.of("Content-Digest", "Repr-Digest")) {
            if (headers.contains(name)) {
                digests.addAll(declared(DigestField.parse(String.join(", ", headers.getAll(name)))));
            }
        }
        if (headers.contains("Digest")) {
            digests.addAll(declared(DigestField.parseLegacy(String.join(", ", headers.getAll("Digest")))));
        }
        return new DigestPromise(List.copyOf(digests));
    }

    private static List<Digest> declared(DigestField field) {
        if (field instanceof DigestField.Malformed malformed) {
            throw new ProblemException(Problem.badRequest(malformed.reason()));
        }
        return List.copyOf(((DigestField.Declared) field).digests().values());
    }

    boolean wantsSha512() {
        return digests.stream().anyMatch(digest -> digest.algorithm() == Digest.Algorithm.SHA_512);
    }

    /** Fails with 400 when the content is not what was promised. */
    void requireKept(Fingerprint fingerprint) {
        for (Digest digest : digests) {
            String computed = switch (digest.algorithm()) {
                case SHA_256 -> fingerprint.sha256();
                case SHA_512 -> fingerprint.sha512().orElseThrow();
            };
            if (!digest.matches(HexFormat.of().parseHex(computed))) {
                throw new ProblemException(Problem.badRequest(
                        "The content does not match its " + digest.algorithm().key() + " digest"));
            }
        }
    }
}
