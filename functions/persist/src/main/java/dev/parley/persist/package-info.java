/** The persist function: what was sent becomes history, and those who must learn of it are told. */
@NullMarked
package dev.parley.persist;

import org.jspecify.annotations.NullMarked;
