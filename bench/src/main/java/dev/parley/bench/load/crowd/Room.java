package dev.parley.bench.load.crowd;

/** A chat and the numbers of its members, of whom the first ones send. */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Room(String chatId, int[] members) {}
