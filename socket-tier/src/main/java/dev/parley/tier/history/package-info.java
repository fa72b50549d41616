/**
 * What was said in a chat, from the recent cache and MongoDB together, and what is known of the chats' order.
 */
@NullMarked
package dev.parley.tier.history;

import org.jspecify.annotations.NullMarked;
