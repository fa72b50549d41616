/** The two codecs as a client that counts sees them: frames are searched for what is needed, and never parsed as a whole. */
@NullMarked
package dev.parley.bench.load.wire;

import org.jspecify.annotations.NullMarked;
