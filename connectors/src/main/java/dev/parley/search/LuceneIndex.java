package dev.parley.search;

import dev.parley.connect.ServerAwayException;
import dev.parley.id.ChatId;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermInSetQuery;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.BytesRef;

/**
 * The index inside the process. In a directory every call of {@link #index} commits before it returns, so that a killed
 * process loses nothing it was thanked for; one process at a time may have the directory open. What was indexed is found
 * at once.
 */
public final class LuceneIndex implements SearchIndex {

    private static final String ID = "id";
    private static final String CHAT = "chat";
    private static final String SEQ = "seq";
    private static final String TEXT = "text";
    private static final String MESSAGE = "message";

    private static final Sort MOST_RELEVANT_THEN_NEWEST =
            new Sort(SortField.FIELD_SCORE, new SortField(SEQ, SortField.Type.LONG, true));

    private final Json json;
    private final MessageAnalyzer analyzer = new MessageAnalyzer();
    private final Directory directory;
    private final boolean durable;
    private final IndexWriter writer;
    private final SearcherManager searchers;

    private LuceneIndex(Directory directory, boolean durable, Json json) throws IOException {
        this.json = json;
        this.directory = directory;
        this.durable = durable;
        this.writer = new IndexWriter(directory, new IndexWriterConfig(analyzer).setCommitOnClose(true));
        this.searchers = new SearcherManager(writer, null);
    }

    /** Keeps the index in a directory; nobody else may have it open. */
    public static LuceneIndex in(Path path, Json json) {
        try {
            return new LuceneIndex(FSDirectory.open(path), true, json);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open the search index in " + path, e);
        }
    }

    public static LuceneIndex inMemory(Json json) {
        try {
            return new LuceneIndex(new ByteBuffersDirectory(), false, json);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open a search index in memory", e);
        }
    }

    @Override
    public void index(List<ChatMessage> messages) {
        if (messages.isEmpty()) {
            return;
        }
        try {
            for (ChatMessage message : messages) {
                writer.updateDocument(new Term(ID, message.messageId().value()), document(message));
            }
            if (durable) {
                writer.commit();
            }
            searchers.maybeRefreshBlocking();
        } catch (IOException | AlreadyClosedException e) {
            // A full disk closes the writer for good: batches wait in the queue until the process is started again.
            throw new ServerAwayException("the search index", e);
        }
    }

    private Document document(ChatMessage message) {
        Document document = new Document();
        document.add(new StringField(ID, message.messageId().value(), Field.Store.NO));
        document.add(new StringField(CHAT, message.chatId().value(), Field.Store.NO));
        document.add(new NumericDocValuesField(SEQ, message.seq()));
        document.add(new TextField(TEXT, SearchText.normalise(message.content()), Field.Store.NO));
        document.add(new StoredField(MESSAGE, json.bytes(message)));
        return document;
    }

    @Override
    public List<ChatMessage> search(String query, Collection<ChatId> among, int limit) {
        if (among.size() > MAX_CHATS) {
            throw new IllegalArgumentException("among more than " + MAX_CHATS + " chats");
        }
        List<String> words = analyzer.words(SearchText.query(query));
        if (words.isEmpty() || among.isEmpty() || limit <= 0) {
            return List.of();
        }
        try {
            IndexSearcher searcher = searchers.acquire();
            try {
                return found(searcher, query(words, among), Math.min(limit, MAX_LIMIT));
            } finally {
                searchers.release(searcher);
            }
        } catch (IOException | AlreadyClosedException e) {
            throw new ServerAwayException("the search index", e);
        }
    }

    /** All words decide what is found, the last as a prefix; whole words decide what comes first. */
    private static Query query(List<String> words, Collection<ChatId> among) {
        BooleanQuery.Builder query = new BooleanQuery.Builder();
        query.add(
                new TermInSetQuery(
                        CHAT,
                        among.stream().map(chat -> new BytesRef(chat.value())).toList()),
                Occur.FILTER);
        for (String word : words.subList(0, words.size() - 1)) {
            query.add(new TermQuery(new Term(TEXT, word)), Occur.FILTER);
        }
        query.add(new PrefixQuery(new Term(TEXT, words.getLast())), Occur.FILTER);
        for (String word : words) {
            query.add(new TermQuery(new Term(TEXT, word)), Occur.SHOULD);
        }
        return query.build();
    }

    private List<ChatMessage> found(IndexSearcher searcher, Query query, int limit) throws IOException {
        List<ChatMessage> messages = new ArrayList<>();
        for (ScoreDoc hit : searcher.search(query, limit, MOST_RELEVANT_THEN_NEWEST).scoreDocs) {
            BytesRef stored = searcher.storedFields().document(hit.doc).getBinaryValue(MESSAGE);
            byte[] bytes = java.util.Arrays.copyOfRange(stored.bytes, stored.offset, stored.offset + stored.length);
            messages.add(json.read(bytes, ChatMessage.class));
        }
        return messages;
    }

    @Override
    public void close() {
        try (directory;
                analyzer) {
            searchers.close();
            writer.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the search index did not close", e);
        }
    }
}
