package dev.parley.bench.load.crowd;

/** Somebody who can sign in. */
public record Person(String userId, String token) {}
