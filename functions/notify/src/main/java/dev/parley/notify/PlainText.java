package dev.parley.notify;

/** Users' text on its way into a mail. */
final class PlainText {

    private PlainText() {}

    /** One line for a header: whatever could end it, or cannot be seen, becomes a space. */
    static String line(String text, int atMost) {
        return shorten(clean(text, false).strip().replaceAll(" {2,}", " "), atMost);
    }

    /** Lines for a body. */
    static String lines(String text) {
        return clean(text.replace("\r\n", "\n"), true).strip();
    }

    private static String clean(String text, boolean keepLines) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().forEach(c -> clean.appendCodePoint(isHarmless(c) || (keepLines && c == '\n') ? c : ' '));
        return clean.toString();
    }

    private static boolean isHarmless(int c) {
        return switch (Character.getType(c)) {
            // Among the formats are those that turn the direction of what follows.
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    private static String shorten(String text, int atMost) {
        return text.codePointCount(0, text.length()) <= atMost
                ? text
                : text.substring(0, text.offsetByCodePoints(0, atMost - 1)) + "…";
    }
}
