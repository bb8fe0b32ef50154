package dev.octet.harness.report;

import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Times of several contestants that take turns in one JVM, so that a machine whose speed drifts drifts for
 * all of them. A turn is a run that is not counted, since the one before was another's, and one that is.
 */
public final class Rounds {
  private static final int LEAST = 3;

  private final double[][] micros;

  private Rounds(double[][] micros) {
    this.micros = micros;
  }

  /**
   * Warms up and times.
   *
   * @param contestants each runs once
   * @param warmUpSeconds for each, beforehand
   * @param most rounds; fewer, but 3 or more, where the seconds are over
   * @param seconds for all rounds
   * @param clock what times a turn, in nanoseconds
   * @return the times
   */
  public static Rounds run(List<Runnable> contestants, double warmUpSeconds, int most, double seconds,
      LongSupplier clock) {
    return run(contestants, warmUpSeconds, LEAST, most, seconds, clock);
  }

  /**
   * Warms up and times.
   *
   * @param contestants each runs once
   * @param warmUpSeconds for each, beforehand
   * @param least rounds, whatever they take
   * @param most rounds; fewer where the seconds are over
   * @param seconds for all rounds
   * @param clock what times a turn, in nanoseconds
   * @return the times
   * @throws IllegalStateException if the clock did not move in a turn, which leaves ratios without a meaning
   */
  public static Rounds run(List<Runnable> contestants, double warmUpSeconds, int least, int most,
      double seconds, LongSupplier clock) {
    for (Runnable contestant : contestants) {
      warmUp(contestant, warmUpSeconds);
    }
    double[][] micros = new double[contestants.size()][most];
    long start = System.nanoTime();
    int round = 0;
    for (; round < most && (round < least || System.nanoTime() - start < seconds * 1e9); round++) {
      for (int i = 0; i < micros.length; i++) {
        contestants.get(i).run();
        long turn = clock.getAsLong();
        contestants.get(i).run();
        long nanos = clock.getAsLong() - turn;
        if (nanos <= 0) {
          throw new IllegalStateException("contestant " + (i + 1) + " of " + micros.length
              + ": a turn took " + nanos + " ns by the clock: it has to be of more calls");
        }
        micros[i][round] = nanos * 1e-3;
      }
    }
    int rounds = round;
    return new Rounds(
        Arrays.stream(micros).map(times -> Arrays.copyOf(times, rounds)).toArray(double[][]::new));
  }

  /** Runs something once, and on until the seconds are over. */
  public static void warmUp(Runnable contestant, double seconds) {
    long start = System.nanoTime();
    do {
      contestant.run();
    } while (System.nanoTime() - start < seconds * 1e9);
  }

  /** The number of rounds. */
  public int count() {
    return micros[0].length;
  }

  /**
   * The times of the contestants if turns were of several calls each.
   *
   * @param calls calls of a turn, by contestant
   * @return times of a call
   */
  public Rounds perCall(long[] calls) {
    double[][] each = new double[micros.length][];
    Arrays.setAll(each, i -> Arrays.stream(micros[i]).map(time -> time / calls[i]).toArray());
    return new Rounds(each);
  }

  /** The times of a contestant by round, in microseconds. */
  public double[] micros(int contestant) {
    return micros[contestant].clone();
  }

  /** The same in milliseconds. */
  public double[] millis(int contestant) {
    return Arrays.stream(micros[contestant]).map(time -> time * 1e-3).toArray();
  }

  /** The median time of a contestant. */
  public double medianMicros(int contestant) {
    return quantile(micros[contestant], 0.5);
  }

  /**
   * How many times faster one was than another one, by round.
   *
   * @param quantile 0.5 for the median of the ratios
   */
  public double ratio(int contestant, int other, double quantile) {
    return quantile(ratios(contestant, other), quantile);
  }

  /** How many times faster one was than another one, round by round. */
  public double[] ratios(int contestant, int other) {
    return ratios(micros[contestant], micros[other]);
  }

  /** How many times faster one was than another one in each round. */
  static double[] ratios(double[] contestant, double[] other) {
    double[] ratios = new double[contestant.length];
    Arrays.setAll(ratios, round -> other[round] / contestant[round]);
    return ratios;
  }

  /**
   * A quantile of some values.
   *
   * @param quantile 0.5 for the median
   */
  public static double quantile(double[] values, double quantile) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.round(quantile * (sorted.length - 1))];
  }
}
