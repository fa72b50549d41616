/**
 * Tells Redis which users are connected here.
 */
@NullMarked
package dev.parley.tier.presence;

import org.jspecify.annotations.NullMarked;
