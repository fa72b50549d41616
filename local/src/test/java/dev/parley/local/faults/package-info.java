/**
 * Shows that the promises hold whatever dies: clients chat over real processes, which are killed, stopped and cut off by a
 * schedule that a seed decides, and in the end everything that was recorded is checked.
 *
 * <ul>
 *   <li>{@code world}: the processes, and the gates between them
 *   <li>{@code people}: the clients and what they say
 *   <li>{@code check}: what was recorded, and the rules
 *   <li>here: the schedule, the run in rounds (each with chats of its own: connect, talk under faults, heal, settle,
 *       check), the report, and the sabotage that shows that the checker can fail
 * </ul>
 *
 * <p>{@code FaultsIT} is a short run of every build; {@code scripts/faults.sh} runs as long as is wanted.
 */
@NullMarked
package dev.parley.local.faults;

import org.jspecify.annotations.NullMarked;
