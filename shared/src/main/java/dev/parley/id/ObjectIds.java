package dev.parley.id;

/** The one check behind all id types. */
final class ObjectIds {

    private ObjectIds() {}

    static boolean isObjectId(String text) {
        if (text.length() != 24) {
            return false;
        }
        for (int i = 0; i < 24; i++) {
            char c = text.charAt(i);
            boolean hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
            if (!hex) {
                return false;
            }
        }
        return true;
    }

    static void require(String text) {
        if (!isObjectId(text)) {
            throw new IllegalArgumentException("not an id of 24 lower-case hex digits");
        }
    }
}
