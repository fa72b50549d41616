/**
 * Who may see and do what in a chat, asked at the moment of use.
 */
@NullMarked
package dev.parley.tier.member;

import org.jspecify.annotations.NullMarked;
