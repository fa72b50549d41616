/**
 * The use cases around messages: sending one, reading what was sent, saying that one is being typed.
 */
@NullMarked
package dev.parley.tier.message;

import org.jspecify.annotations.NullMarked;
