package dev.octet.harness.turns;

import dev.octet.harness.report.Rounds;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** Lets contestants take turns. */
public final class Turns {
  /**
   * A turn lasts at least this long, so that reading the clock, some 0.2 us, does not count; and not much
   * longer, so that a turn seldom has a switch to another process in it.
   */
  private static final double TURN_NANOS = 1_000_000;

  /** A run of a clock cycle fills a turn with some millions. */
  private static final long MOST_CALLS = 1L << 32;

  private Turns() {}

  /**
   * Warms up and times. Where a call has one thread its time is that of its thread on a processor: what
   * others on the machine take does not count. Where the system counts that by ticks it is the time on the
   * wall all the same.
   *
   * @param contestants each runs as often as it is told
   * @param effort how long
   * @param threads threads of a call
   * @return times of a call
   * @throws IllegalArgumentException if a contestant takes no time, however often it is told to run
   */
  public static Rounds time(List<LongConsumer> contestants, Effort effort, int threads) {
    LongSupplier ofThread = ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime;
    LongSupplier clock = threads == 1 && isFine(ofThread) ? ofThread : System::nanoTime;
    long[] calls = new long[contestants.size()];
    List<Runnable> turns = new ArrayList<>();
    for (int i = 0; i < calls.length; i++) {
      LongConsumer contestant = contestants.get(i);
      calls[i] = calls(contestant, effort.warmUpSeconds(), clock);
      long count = calls[i];
      turns.add(() -> contestant.accept(count));
    }
    return Rounds.run(turns, 0, effort.least(), effort.rounds(), effort.seconds(), clock).perCall(calls);
  }

  /** Whether a clock tells a hundredth of a turn; Windows counts the time of threads by ticks of 15.6 ms. */
  static boolean isFine(LongSupplier clock) {
    long first = clock.getAsLong();
    long start = System.nanoTime();
    long step = 0;
    while (step == 0 && System.nanoTime() - start < TURN_NANOS) {
      step = clock.getAsLong() - first;
    }
    return step > 0 && step <= TURN_NANOS / 100;
  }

  /** Calls that fill a turn, after the warm-up. */
  static long calls(LongConsumer contestant, double warmUpSeconds, LongSupplier clock) {
    long start = System.nanoTime();
    long count = 1;
    while (true) {
      long before = clock.getAsLong();
      contestant.accept(count);
      double took = clock.getAsLong() - before;
      boolean warm = System.nanoTime() - start >= warmUpSeconds * 1e9;
      if (warm && took >= TURN_NANOS / 2) {
        return Math.max(1, Math.round(count * TURN_NANOS / took));
      }
      if (took < TURN_NANOS) {
        if (count > MOST_CALLS) {
          throw new IllegalArgumentException("contestant: " + count
              + " runs took less than a millisecond; does it run as often as it is told?");
        }
        count *= 2;
      }
    }
  }
}
