/**
 * Who is calling: passwords, access and refresh tokens. The REST filters and the edge ask it; it knows nothing of chats.
 */
@NullMarked
package dev.parley.tier.auth;

import org.jspecify.annotations.NullMarked;
