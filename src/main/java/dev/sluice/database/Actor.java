package dev.sluice.database;

/**
 * Who a transaction acts for. The policies of row-level security read it from settings that end with the transaction,
 * so a query that forgets its WHERE still sees no more than its actor may.
 */
public sealed interface Actor {
    /** The value of the setting {@code sluice.actor}, which the policies name. */
    String setting();

    /** The value of the setting {@code sluice.owner}: empty, which is nobody's id, for all but owners. */
    default String owner() {
        return "";
    }

    /** Reads what belongs to one owner. */
    record Owner(String id) implements Actor {
        @Override
        public String setting() {
            return "owner";
        }

        @Override
        public String owner() {
            return id;
        }
    }

    /** A trainer with scope {@code sluice:ingest}: reads and writes jobs and metrics of any owner. */
    record Ingest() implements Actor {
        @Override
        public String setting() {
            return "ingest";
        }
    }

    /** Scope {@code sluice:admin}: reads everything, writes nothing that an owner owns. */
    record Admin() implements Actor {
        @Override
        public String setting() {
            return "admin";
        }
    }

    /** Pollers, collectors and the like, which no request asked for: reads and writes for any owner. */
    record Background() implements Actor {
        @Override
        public String setting() {
            return "background";
        }
    }
}
