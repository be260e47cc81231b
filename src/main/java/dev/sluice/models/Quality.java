package dev.sluice.models;

import dev.sluice.jobs.MetricPoint;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How well a training went, by its curve.
 *
 * @param score 1 to 5; null when it cannot be said
 * @param lossReduction percent of the initial training loss
 * @param finalLoss the last training loss
 * @param validationLoss the last that was measured
 */
record Quality(
        @Nullable Integer score,
        Convergence convergence,
        @Nullable Double lossReduction,
        @Nullable Double initialLoss,
        @Nullable Double finalLoss,
        @Nullable Double validationLoss,
        @Nullable Double perplexity) {
    /** In the words of the API. */
    enum Convergence {
        EXCELLENT("excellent"),
        GOOD("good"),
        FAIR("fair"),
        POOR("poor"),
        OVERFIT("overfit"),
        UNRATED("unrated");

        private final String label;

        Convergence(String label) {
            this.label = label;
        }

        String label() {
            return label;
        }
    }

    static final Quality UNKNOWN = new Quality(null, Convergence.UNRATED, null, null, null, null, null);

    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    /** How far the validation loss may be above the training loss of the same step. */
    private static final BigDecimal OVERFIT = new BigDecimal("0.5");

    /**
     * Compares the losses as the decimal numbers that were reported: 1 and 0.7 are 30 percent apart, not a rounding error more.
     *
     * @param curve by step
     */
    static Quality of(List<MetricPoint> curve) {
        if (curve.isEmpty()) {
            return UNKNOWN;
        }
        double initial = curve.get(0).trainLoss();
        double last = curve.get(curve.size() - 1).trainLoss();
        MetricPoint validated = null;
        for (MetricPoint point : curve) {
            validated = point.validationLoss() == null ? validated : point;
        }
        Double validation = validated == null ? null : validated.validationLoss();
        Double perplexity = perplexity(validation);
        if (initial <= 0) {
            return new Quality(null, Convergence.UNRATED, null, initial, last, validation, perplexity);
        }
        BigDecimal reduced =
                BigDecimal.valueOf(initial).subtract(BigDecimal.valueOf(last)).multiply(HUNDRED);
        Double reduction = finite(reduced.divide(BigDecimal.valueOf(initial), MathContext.DECIMAL64)
                .doubleValue());
        int score = score(reduced, BigDecimal.valueOf(initial));
        return isOverfit(validated)
                ? new Quality(
                        Math.max(1, score - 1), Convergence.OVERFIT, reduction, initial, last, validation, perplexity)
                : new Quality(score, convergence(score), reduction, initial, last, validation, perplexity);
    }

    /** By multiplying, for a division may round. */
    private static int score(BigDecimal reduced, BigDecimal initial) {
        int score = 1;
        for (int percent : new int[] {5, 15, 30, 50}) {
            if (reduced.compareTo(initial.multiply(BigDecimal.valueOf(percent))) > 0) {
                score++;
            }
        }
        return score;
    }

    private static Convergence convergence(int score) {
        return switch (score) {
            case 5 -> Convergence.EXCELLENT;
            case 4 -> Convergence.GOOD;
            case 3 -> Convergence.FAIR;
            default -> Convergence.POOR;
        };
    }

    private static boolean isOverfit(@Nullable MetricPoint validated) {
        return validated != null
                && validated.validationLoss() != null
                && BigDecimal.valueOf(validated.validationLoss())
                                .subtract(BigDecimal.valueOf(validated.trainLoss()))
                                .compareTo(OVERFIT)
                        > 0;
    }

    private static @Nullable Double perplexity(@Nullable Double validationLoss) {
        return validationLoss == null ? null : finite(Math.exp(validationLoss));
    }

    /** Beyond what a double holds a figure says nothing. */
    private static @Nullable Double finite(double figure) {
        return Double.isFinite(figure) ? figure : null;
    }
}
