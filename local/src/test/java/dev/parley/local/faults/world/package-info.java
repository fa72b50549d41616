/**
 * The processes of a fault run and what can be done to them. Each {@code Node} is a process (an instance, a function, a
 * server); each {@code Gate} is the only way from one process to one server, so that it can be cut for that process
 * alone; {@code World} knows all of both by name.
 */
@NullMarked
package dev.parley.local.faults.world;

import org.jspecify.annotations.NullMarked;
