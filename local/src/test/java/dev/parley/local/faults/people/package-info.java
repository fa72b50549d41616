/**
 * The clients of a fault run: they behave as parley.js does, record what they see in the ledger and know nothing of the
 * faults. {@code Line} is one socket, {@code Participant} one user over any number of them, {@code Feed} what he holds of
 * a chat, {@code Outbox} what he has not got an answer for, {@code Traffic} what all of them say.
 */
@NullMarked
package dev.parley.local.faults.people;

import org.jspecify.annotations.NullMarked;
