package dev.parley.tier;

/**
 * Published when an instance shall end, before anything is closed. Whoever listens does so on the publisher's thread and
 * returns when it is ready for that.
 */
public record Ending() {}
