package dev.parley.local.faults.people;

import dev.parley.local.faults.check.Ledger;
import java.net.http.HttpClient;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What all participants of a round share.
 *
 * @param timer runs what is due; only what is short
 * @param workers for what blocks
 */
record Company(
        HttpClient http,
        RestCalls rest,
        Tiers tiers,
        Ledger ledger,
        ScheduledExecutorService timer,
        ExecutorService workers,
        Outbox.Counts sends,
        AtomicLong reconnects,
        AtomicLong resyncs,
        AtomicLong syncs) {}
