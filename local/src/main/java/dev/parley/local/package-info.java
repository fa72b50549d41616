/**
 * All of Parley in one process: two tier instances and the three functions, on embedded servers or on real ones where
 * their addresses are given. For developers and tests.
 */
@NullMarked
package dev.parley.local;

import org.jspecify.annotations.NullMarked;
