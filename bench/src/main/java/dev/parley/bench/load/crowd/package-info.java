/** The clients: they connect, join, send when something is due, come back and resume. */
@NullMarked
package dev.parley.bench.load.crowd;

import org.jspecify.annotations.NullMarked;
