package dev.sluice.audit;

/** Text of strangers as it can be stored and shown: no controls, no half characters, of bounded length. */
public final class Printable {
    private static final char SUBSTITUTE = '?';

    private Printable() {}

    /**
     * The text, cut where it is too long.
     *
     * @param longest in UTF-16 units
     */
    public static String of(String text, int longest) {
        StringBuilder printable = new StringBuilder(Math.min(text.length(), longest));
        text.codePoints().forEach(point -> {
            boolean shown = !Character.isISOControl(point) && Character.getType(point) != Character.SURROGATE;
            if (printable.length() + Character.charCount(point) <= longest) {
                printable.appendCodePoint(shown ? point : SUBSTITUTE);
            }
        });
        return printable.toString();
    }
}
