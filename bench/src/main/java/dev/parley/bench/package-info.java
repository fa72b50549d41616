/** JMH benchmarks of the hot paths; {@code bench/run} runs them. */
@NullMarked
package dev.parley.bench;

import org.jspecify.annotations.NullMarked;
