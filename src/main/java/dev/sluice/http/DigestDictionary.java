package dev.sluice.http;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * One reading of a structured-fields dictionary (RFC 9651 §4.2.2) for the digests in it. Values that are not needed are
 * skipped up to the next comma outside strings and inner lists, without checking their types.
 */
final class DigestDictionary {
    private final FieldScanner scanner;
    private final Map<Digest.Algorithm, Digest> digests = new EnumMap<>(Digest.Algorithm.class);

    DigestDictionary(String field) {
        scanner = new FieldScanner(field);
    }

    DigestField read() {
        scanner.skipSpaces();
        while (!scanner.atEnd()) {
            String key = scanner.takeWhile(DigestDictionary::isKeyCharacter);
            if (key.isEmpty() || !startsKey(key.charAt(0))) {
                return new DigestField.Malformed("A digest field is no dictionary of algorithms");
            }
            Optional<Digest.Algorithm> algorithm = Digest.Algorithm.of(key);
            if (algorithm.isPresent()) {
                Optional<Digest> digest = readDigest(algorithm.get());
                if (digest.isEmpty()) {
                    return new DigestField.Malformed("A digest field has no valid " + key);
                }
                digests.put(algorithm.get(), digest.get());
            }
            if (!skipRestOfMember() || !skipComma()) {
                return new DigestField.Malformed("A digest field is no dictionary of algorithms");
            }
        }
        return new DigestField.Declared(digests);
    }

    private Optional<Digest> readDigest(Digest.Algorithm algorithm) {
        if (!scanner.skip("=:")) {
            return Optional.empty();
        }
        String base64 = scanner.takeWhile(c -> c != ':');
        // Only parameters may follow (RFC 9651 §3.1.2); a second value would hide behind the first.
        if (!scanner.skip(':') || !endsItem()) {
            return Optional.empty();
        }
        return Digest.parse(algorithm, base64);
    }

    private boolean endsItem() {
        if (scanner.isAt(';')) {
            return true;
        }
        scanner.skipSpaces();
        return scanner.atEnd() || scanner.isAt(',');
    }

    /** Moves to the next comma outside strings and inner lists; false when one of them does not end. */
    private boolean skipRestOfMember() {
        boolean inList = false;
        while (!scanner.atEnd() && (inList || !scanner.isAt(','))) {
            if (scanner.skip('(')) {
                inList = true;
            } else if (scanner.skip(')')) {
                inList = false;
            } else if (scanner.skip('"')) {
                if (!skipRestOfString()) {
                    return false;
                }
            } else {
                scanner.skip();
            }
        }
        return !inList;
    }

    private boolean skipRestOfString() {
        while (!scanner.atEnd()) {
            if (scanner.skip('"')) {
                return true;
            }
            scanner.skip('\\');
            scanner.skip();
        }
        return false;
    }

    /** Between members stands one comma, and none after the last (RFC 9651 §4.2.2). */
    private boolean skipComma() {
        if (scanner.atEnd()) {
            return true;
        }
        scanner.skip(',');
        scanner.skipSpaces();
        return !scanner.atEnd();
    }

    private static boolean isKeyCharacter(int c) {
        return startsKey(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    }

    private static boolean startsKey(int c) {
        return (c >= 'a' && c <= 'z') || c == '*';
    }
}
