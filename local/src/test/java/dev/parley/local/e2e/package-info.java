/** End-to-end tests over two tier instances, in a small vocabulary. */
@NullMarked
package dev.parley.local.e2e;

import org.jspecify.annotations.NullMarked;
