package dev.sluice.http;

import java.util.function.IntPredicate;

/** A position within a field value that only moves forward, so that every parser here takes linear time. */
final class FieldScanner {
    private final String value;
    private int position;

    FieldScanner(String value) {
        this.value = value;
    }

    boolean atEnd() {
        return position == value.length();
    }

    /** Whether the next character is this one; it is not consumed. */
    boolean isAt(char c) {
        return position < value.length() && value.charAt(position) == c;
    }

    /** Consumes the next character, whatever it is, if there is one. */
    void skip() {
        if (!atEnd()) {
            position++;
        }
    }

    /** Consumes the character if it is next. */
    boolean skip(char c) {
        if (!isAt(c)) {
            return false;
        }
        position++;
        return true;
    }

    /** Consumes the text, case-sensitively, if it is next. */
    boolean skip(String text) {
        if (!value.startsWith(text, position)) {
            return false;
        }
        position += text.length();
        return true;
    }

    /** Consumes optional whitespace (OWS, RFC 9110 §5.6.3). */
    void skipSpaces() {
        while (skip(' ') || skip('\t')) {}
    }

    /** Consumes the commas and whitespace between members, empty members included (RFC 9110 §5.6.1.2). */
    void skipSeparators() {
        while (skip(' ') || skip('\t') || skip(',')) {}
    }

    /** Consumes the next characters as long as they match. */
    String takeWhile(IntPredicate matches) {
        int start = position;
        while (position < value.length() && matches.test(value.charAt(position))) {
            position++;
        }
        return value.substring(start, position);
    }

    /** Consumes decimal digits, ASCII only. */
    String takeDigits() {
        return takeWhile(c -> c >= '0' && c <= '9');
    }
}
