/**
 * What operators see of the servers that an instance depends on.
 */
@NullMarked
package dev.parley.tier.health;

import org.jspecify.annotations.NullMarked;
