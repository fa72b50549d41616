/**
 * Identifiers as types. Every id is a MongoDB ObjectId in hex: 24 lower-case hex digits. A value of these types has
 * been checked; text from outside becomes one through {@code parse}, which answers empty for anything else.
 */
@NullMarked
package dev.parley.id;

import org.jspecify.annotations.NullMarked;
