package dev.sluice.config;

import java.util.Locale;
import java.util.SortedSet;

/** Guesses what an unknown name was meant to be. */
final class Spelling {
    private Spelling() {}

    static String unknown(String name, SortedSet<String> known) {
        String nearest = "";
        int least = Math.max(2, name.length() / 5) + 1;
        for (String candidate : known) {
            int distance = distance(plain(name), plain(candidate));
            if (distance < least) {
                least = distance;
                nearest = candidate;
            }
        }
        return nearest.isEmpty() ? "is unknown" : "is unknown; did you mean " + nearest + "?";
    }

    /** Case and separators are what people get wrong first: they cost nothing. */
    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[-_.]", "");
    }

    /** Edit distance where two swapped neighbours count once (Damerau, restricted). */
    static int distance(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                cost[i][j] = Math.min(cost[i - 1][j - 1] + change, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[a.length()][b.length()];
    }
}
