/**
 * Everything that speaks to MongoDB: documents, indexes, and the queries of the tier and the functions. Writes are
 * acknowledged by the majority; every call has a timeout. Ids are ObjectIds in the database and hex outside of it.
 */
@NullMarked
package dev.parley.mongo;

import org.jspecify.annotations.NullMarked;
