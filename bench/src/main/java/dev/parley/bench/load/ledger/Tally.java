package dev.parley.bench.load.ledger;

/**
 * What became of all that was sent since a ledger began, or between two looks at it.
 *
 * @param sent attempts, each counted once however often it was sent again
 * @param unanswered neither acknowledged nor refused
 * @param delivered first receptions
 * @param lost acknowledged messages that a member who had joined did not receive; counted when the ledger is settled
 * @param duplicated receptions of what the receiver had already
 * @param disordered receptions behind a higher seq, or behind a later message of the same sender
 * @param strays receptions of what is not of this ledger, or by somebody who is no member
 */
public record Tally(
        long sent,
        long acknowledged,
        long refused,
        long unanswered,
        long delivered,
        long lost,
        long duplicated,
        long disordered,
        long strays) {

    public Tally minus(Tally before) {
        return new Tally(
                sent - before.sent,
                acknowledged - before.acknowledged,
                refused - before.refused,
                unanswered - before.unanswered,
                delivered - before.delivered,
                lost - before.lost,
                duplicated - before.duplicated,
                disordered - before.disordered,
                strays - before.strays);
    }

    /** Whether every message was acknowledged and received once by everybody, in order. */
    public boolean isClean() {
        return refused == 0 && unanswered == 0 && lost == 0 && duplicated == 0 && disordered == 0 && strays == 0;
    }
}
