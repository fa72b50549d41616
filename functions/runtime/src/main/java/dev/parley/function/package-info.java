/**
 * The two doors of every function. A function is a {@link dev.parley.function.BatchFunction}: a core that takes events and
 * answers for each what became of it. {@link dev.parley.function.FunctionRunner} decodes deliveries, calls the core and
 * routes failures to retry queues and dead letters; the container door and the Lambda door only translate into it.
 */
@NullMarked
package dev.parley.function;

import org.jspecify.annotations.NullMarked;
