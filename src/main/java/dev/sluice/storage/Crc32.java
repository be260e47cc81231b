package dev.sluice.storage;

/** Arithmetic of zip's CRC-32: polynomials over GF(2) modulo the reflected 0xEDB88320. */
final class Crc32 {
    private static final int POLYNOMIAL = 0xEDB88320;
    /** The polynomial 1, bits reflected. */
    private static final int ONE = 1 << 31;

    private Crc32() {}

    /** The CRC-32 of two contents in a row, from the one of each and the bytes of the second. */
    static long combine(long first, long second, long secondSize) {
        int shifted = multiply((int) first, powerOfEight(secondSize));
        return Integer.toUnsignedLong(shifted ^ (int) second);
    }

    /** x to the power of 8·n: what n more bytes multiply a CRC by. */
    private static int powerOfEight(long n) {
        int power = ONE;
        int square = ONE >>> 8;
        for (long rest = n; rest != 0; rest >>>= 1) {
            if ((rest & 1) != 0) {
                power = multiply(power, square);
            }
            square = multiply(square, square);
        }
        return power;
    }

    private static int multiply(int a, int b) {
        int product = 0;
        int multiple = b;
        for (int bit = ONE; bit != 0; bit >>>= 1) {
            if ((a & bit) != 0) {
                product ^= multiple;
            }
            multiple = (multiple & 1) == 0 ? multiple >>> 1 : (multiple >>> 1) ^ POLYNOMIAL;
        }
        return product;
    }
}
