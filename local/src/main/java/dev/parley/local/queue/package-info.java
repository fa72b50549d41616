/** The in-process twin of RabbitMQ behind the queue port; it passes the same contract test. */
@NullMarked
package dev.parley.local.queue;

import org.jspecify.annotations.NullMarked;
