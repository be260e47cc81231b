package dev.sluice.database;

/**
 * Who a transaction acts for. The policies of row-level security read it from settings that end with the transaction,
 * so a query that forgets its WHERE still sees no more than its actor may.
 */
public sealed interface Actor {
    /** Reads what belongs to one owner. */
    record Owner(String id) implements Actor {}

    /** A trainer with scope {@code sluice:ingest}: reads and writes jobs and metrics of any owner. */
    record Ingest() implements Actor {}

    /** Scope {@code sluice:admin}: reads everything, writes nothing that an owner owns. */
    record Admin() implements Actor {}

    /** Pollers, collectors and the like, which nobody asked for by a request. */
    record Background() implements Actor {}

    /** The value of the setting {@code sluice.actor}. */
    default String setting() {
        if (this instanceof Owner) {
            return "owner";
        }
        if (this instanceof Ingest) {
            return "ingest";
        }
        return this instanceof Admin ? "admin" : "background";
    }

    /** The value of the setting {@code sluice.owner}: empty, which is nobody's id, for all but owners. */
    default String owner() {
        return this instanceof Owner owner ? owner.id() : "";
    }
}
