/**
 * Finding messages by their words. The index function fills it, the tier asks it after it has authorised the chats. Two
 * twins stand behind the port: OpenSearch for many processes, Lucene inside a process for the local mode. Neither knows
 * who may read what; that is the caller's {@code among}.
 */
@NullMarked
package dev.parley.search;

import org.jspecify.annotations.NullMarked;
