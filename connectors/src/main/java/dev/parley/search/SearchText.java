package dev.parley.search;

import java.text.Normalizer;

/** Text on its way into the index or to be looked for in it; both must go through here to meet. */
final class SearchText {

    private SearchText() {}

    /** One spelling for what looks the same: the analysis folds {@code é}, not {@code e} with a combining accent. */
    static String normalise(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFKC);
    }

    static String query(String text) {
        int length = SearchIndex.MAX_QUERY_LENGTH;
        return normalise(text.length() <= length ? text : text.substring(0, length));
    }
}
