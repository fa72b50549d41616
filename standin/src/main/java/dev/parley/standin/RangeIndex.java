package dev.parley.standin;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.ObjectId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An index that is not unique, which the server has none of and would search whole collections instead: finds the
 * documents with one of some values of its first key and, where it has a second one, a range of integers of that. What
 * it finds is checked against the whole query by the server. Kept in memory and filled anew when a file is opened.
 * Guarded by the lock of its collection.
 */
final class RangeIndex extends Index<Object> {

    private static final String ID = "_id";
    private static final Set<String> BOUNDS = Set.of("$gt", "$gte", "$lt", "$lte");

    /** The documents with one value of the first key, by their ids. */
    private static final class Group {
        final Map<Object, Object> all = new LinkedHashMap<>();
        final NavigableMap<Long, Map<Object, Object>> bySecond = new TreeMap<>();

        /** Those whose second key is something, but no integer. */
        final Map<Object, Object> odd = new LinkedHashMap<>();
    }

    private final String first;
    private final @Nullable String second;
    private final Map<Object, Group> groups = new HashMap<>();
    private long count;

    RangeIndex(String name, List<IndexKey> keys, boolean sparse) {
        super(name, keys, sparse);
        this.first = keys.getFirst().getKey();
        this.second = keys.size() > 1 ? keys.get(1).getKey() : null;
    }

    private static @Nullable Object value(Document document, String key) {
        Object value = Utils.getSubdocumentValue(document, key);
        return isPlain(value) ? value : null;
    }

    private @Nullable Group groupOf(Document document) {
        Object group = value(document, first);
        return group == null ? null : groups.get(group);
    }

    private @Nullable Object second(Document document) {
        return second == null ? null : Utils.getSubdocumentValue(document, second);
    }

    @Override
    public void add(Document document, Object position, MongoCollection<Object> collection) {
        Object group = value(document, first);
        Object id = document.get(ID);
        if (group == null || id == null) {
            return;
        }
        Group members = groups.computeIfAbsent(group, g -> new Group());
        if (members.all.put(id, position) == null) {
            count++;
        }
        Object at = second(document);
        if (at instanceof Number number && isInteger(at)) {
            members.bySecond
                    .computeIfAbsent(number.longValue(), n -> new LinkedHashMap<>())
                    .put(id, position);
        } else if (at != null) {
            members.odd.put(id, position);
        }
    }

    @Override
    public @Nullable Object remove(Document document) {
        Group members = groupOf(document);
        if (members == null) {
            return null;
        }
        Object id = document.get(ID);
        Object position = members.all.remove(id);
        if (position != null) {
            count--;
        }
        members.odd.remove(id);
        if (second(document) instanceof Number at) {
            Map<Object, Object> same = members.bySecond.get(at.longValue());
            if (same != null && same.remove(id) != null && same.isEmpty()) {
                members.bySecond.remove(at.longValue());
            }
        }
        if (members.all.isEmpty()) {
            groups.remove(value(document, first));
        }
        return position;
    }

    @Override
    public @Nullable Object getPosition(Document document) {
        Group members = groupOf(document);
        return members == null ? null : members.all.get(document.get(ID));
    }

    @Override
    public void updateInPlace(Document before, Document after, Object position, MongoCollection<Object> collection) {
        if (!Objects.equals(value(before, first), value(after, first))
                || !Objects.equals(second(before), second(after))) {
            remove(before);
            add(after, position, collection);
        }
    }

    /** Only what it narrows down well: another index may be the better one for a query with other ranges. */
    @Override
    public boolean canHandle(Document query) {
        return !wanted(query).isEmpty()
                && (range(query) != null
                        || query.entrySet().stream()
                                .allMatch(one -> !one.getKey().startsWith("$")
                                        && (isPlain(one.getValue()) || oneOf(one.getValue()) != null)));
    }

    /** Which values of the first key a query asks for; empty where it does not say so, or they are of other kinds. */
    private Set<?> wanted(Document query) {
        Object asked = query.get(first);
        Collection<?> several = oneOf(asked);
        Set<?> values = several != null ? new LinkedHashSet<>(several) : asked == null ? Set.of() : Set.of(asked);
        return values.stream().allMatch(value -> value instanceof ObjectId || value instanceof String)
                ? values
                : Set.of();
    }

    /** What {@code $in} lists; null where the condition is another one, or more than that. */
    private static @Nullable Collection<?> oneOf(@Nullable Object condition) {
        return condition instanceof Document only && only.size() == 1 && only.get("$in") instanceof Collection<?> values
                ? values
                : null;
    }

    private static boolean isPlain(@Nullable Object value) {
        return value != null && !(value instanceof Document) && !(value instanceof Collection);
    }

    /** What the query asks of the second key; null where that is no range of integers. */
    private @Nullable Document range(Document query) {
        return second != null
                        && query.get(second) instanceof Document range
                        && !range.isEmpty()
                        && range.entrySet().stream()
                                .allMatch(bound -> BOUNDS.contains(bound.getKey()) && isInteger(bound.getValue()))
                ? range
                : null;
    }

    private static boolean isInteger(@Nullable Object value) {
        return value instanceof Long || value instanceof Integer;
    }

    @Override
    public Iterable<Object> getPositions(Document query) {
        Document range = range(query);
        List<Object> positions = new ArrayList<>();
        for (Object value : wanted(query)) {
            Group members = groups.get(value);
            if (members == null) {
                continue;
            }
            if (range == null) {
                positions.addAll(members.all.values());
            } else {
                positions.addAll(members.odd.values());
                within(members.bySecond, range).values().forEach(same -> positions.addAll(same.values()));
            }
        }
        return positions;
    }

    private static NavigableMap<Long, Map<Object, Object>> within(
            NavigableMap<Long, Map<Object, Object>> all, Document range) {
        long low = Long.MIN_VALUE;
        long high = Long.MAX_VALUE;
        for (Map.Entry<String, Object> bound : range.entrySet()) {
            long at = ((Number) bound.getValue()).longValue();
            switch (bound.getKey()) {
                case "$gt", "$gte" -> low = Math.max(low, at);
                default -> high = Math.min(high, at);
            }
        }
        return low > high ? new TreeMap<>() : all.subMap(low, true, high, true);
    }

    @Override
    public void checkAdd(Document document, MongoCollection<Object> collection) {
        // Whatever it is, it may come twice.
    }

    @Override
    public void checkUpdate(Document before, Document after, MongoCollection<Object> collection) {
        // Whatever it becomes, it may be there already.
    }

    @Override
    public long getCount() {
        return count;
    }

    @Override
    public long getDataSize() {
        return 0;
    }

    @Override
    public void drop() {
        groups.clear();
        count = 0;
    }
}
