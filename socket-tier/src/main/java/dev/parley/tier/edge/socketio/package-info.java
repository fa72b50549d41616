/**
 * Socket.IO 5 over an Engine.IO session: packets, namespaces, binary attachments, acknowledgements both ways. What the
 * events mean is a {@link dev.parley.tier.edge.socketio.Namespace}'s: the chat's in the edge, an echo in the conformance
 * fixture.
 */
@NullMarked
package dev.parley.tier.edge.socketio;

import org.jspecify.annotations.NullMarked;
