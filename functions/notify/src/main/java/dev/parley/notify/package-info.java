/**
 * The notify function: those who were offline when a message came learn of it by e-mail. One step decides who is written
 * to and what ({@code notification-send}), the next sends each mail ({@code email-send}), so that one mailbox in trouble
 * holds up nobody else. Addresses and contents are never logged.
 */
@NullMarked
package dev.parley.notify;

import org.jspecify.annotations.NullMarked;
