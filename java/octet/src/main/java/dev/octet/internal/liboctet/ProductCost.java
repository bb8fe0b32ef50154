package dev.octet.internal.liboctet;

import dev.octet.Isa;

/**
 * What a product takes, roughly: within a factor of two is near enough for cutting it.
 *
 * @param k inner size
 * @param n columns
 * @param weightBits of one weight in memory
 * @param macsPerNano multiplications in a nanosecond
 */
record ProductCost(int k, int n, int weightBits, double macsPerNano) {
  /** Columns of a tile are a multiple of this. */
  static final int PANEL = 64;

  /** Bytes that a second cache holds. */
  private static final double NEAR = 1 << 20;
  /**
   * Bytes a nanosecond from there and from beyond: between what weights take that were used just now (180 and
   * 80 on Zen 5) and what others do. One row times 768 x 768 was shared once, and took 4.4 us, not 3.2.
   */
  private static final double READ_NEAR = 100;
  private static final double READ_FAR = 50;

  /** The cost on a tier with 8-bit dot products where the tier has them. */
  static ProductCost ofDots(int k, int n, int weightBits, Isa isa) {
    return new ProductCost(k, n, weightBits, dotsPerNano(isa));
  }

  /**
   * Multiplications of 8-bit products in a nanosecond. Those of Arm are half of what published throughputs
   * give at 2.6 GHz (Neoverse N1: two dot products of 16 multiplications a cycle; N2: two products of 32), as
   * those of x86 are about half of the limit; none was measured.
   */
  static double dotsPerNano(Isa isa) {
    return switch (isa) {
      case BASELINE, NEON -> 2;
      case DOTPROD -> 40;
      case I8MM -> 80;
      case AVX2, AVX512 -> 60;
      case AVXVNNI -> 180;
      case AVX512VNNI -> 360;
    };
  }

  /** The nanoseconds of a call. */
  double nanos(int rows) {
    double macs = (double) rows * k * n;
    double bytes = weightBytes();
    return Math.max(macs / macsPerNano, bytes / (bytes <= NEAR ? READ_NEAR : READ_FAR));
  }

  double weightBytes() {
    return (double) k * n * weightBits / 8;
  }
}
