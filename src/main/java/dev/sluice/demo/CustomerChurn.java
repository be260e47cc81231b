package dev.sluice.demo;

import java.util.List;
import java.util.Random;

/**
 * Made-up customers of a telephone company, and whether they left. Some effects are straight lines, some are steps or
 * depend on one another, and some are luck, so that no model is perfect and different models really differ.
 */
final class CustomerChurn {
    static final int ROWS = 2_000;
    static final int TRAINING_ROWS = 1_500;
    private static final long SEED = 7;
    private static final List<String> FEATURES = List.of(
            "tenure_months",
            "monthly_charge",
            "support_calls",
            "late_payments",
            "data_usage_gb",
            "contract_months",
            "age_years",
            "discount_percent");

    private final Random random = new Random(SEED);

    private CustomerChurn() {}

    static TabularData generate() {
        CustomerChurn churn = new CustomerChurn();
        double[][] rows = new double[ROWS][];
        int[] labels = new int[ROWS];
        for (int i = 0; i < ROWS; i++) {
            rows[i] = churn.customer();
            labels[i] = churn.leaves(rows[i]) ? 1 : 0;
        }
        return new TabularData(FEATURES, rows, labels);
    }

    private double[] customer() {
        int[] contracts = {1, 1, 12, 24};
        return new double[] {
            1 + random.nextInt(72),
            cents(15 + 75 * random.nextDouble()),
            few(1.8),
            few(1.2),
            cents(Math.max(0.1, 14 + 8 * random.nextGaussian())),
            contracts[random.nextInt(contracts.length)],
            18 + random.nextInt(62),
            5 * random.nextInt(5),
        };
    }

    private boolean leaves(double[] customer) {
        double tenure = customer[0];
        double charge = customer[1];
        double calls = customer[2];
        boolean bound = customer[5] > 1;
        double inclination = -1.1
                - 0.035 * (tenure - 30)
                + 0.35 * (customer[3] - 1)
                + (bound ? -1.2 : 0.045 * (charge - 45))
                + (calls >= 4 ? 2.2 : 0)
                + 0.012 * Math.pow(Math.abs(customer[4] - 14), 2)
                - 0.03 * customer[7] * (charge > 60 ? 2 : 0.5);
        double chance = 1 / (1 + StrictMath.exp(-1.3 * inclination));
        return random.nextDouble() < chance;
    }

    /** Poisson distributed (Knuth's algorithm). */
    private int few(double mean) {
        double limit = StrictMath.exp(-mean);
        int count = -1;
        for (double product = 1; product > limit; product *= random.nextDouble()) {
            count++;
        }
        return count;
    }

    private static double cents(double value) {
        return Math.round(value * 100) / 100.0;
    }
}
