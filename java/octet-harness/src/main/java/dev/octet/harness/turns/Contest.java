package dev.octet.harness.turns;

import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.report.Rounds;
import dev.octet.harness.shape.BenchCase;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Those who take turns at the same work, for one thread at a time. What counts is the ratio of two of them in
 * a round: {@link RoundTimes#over}.
 */
public final class Contest implements AutoCloseable {
  private final List<BenchCase> cases = new ArrayList<>();
  private final List<String> kernels = new ArrayList<>();
  private final List<LongConsumer> runs = new ArrayList<>();
  private final Deque<Runnable> closing = new ArrayDeque<>();

  /**
   * Adds a contestant.
   *
   * @param benchCase what it computes, by the name that it has in tables and files
   * @param kernel what runs, in words
   * @param run does the work as many times as it is told
   * @throws IllegalArgumentException if the case is there already
   */
  public void add(BenchCase benchCase, String kernel, LongConsumer run) {
    if (cases.contains(benchCase)) {
      throw new IllegalArgumentException("contestant: " + benchCase + " is there already");
    }
    cases.add(benchCase);
    kernels.add(kernel);
    runs.add(run);
  }

  /** Adds something to be closed with the contest, before what was added earlier. */
  public void closeLater(Runnable close) {
    closing.push(close);
  }

  /**
   * Lets the contestants take turns.
   *
   * @param effort how long
   * @return the times of each, in the order in which they were added, over the same rounds; none where there
   *         is no contestant
   */
  public List<RoundTimes> time(Effort effort) {
    List<RoundTimes> times = new ArrayList<>();
    if (!runs.isEmpty()) {
      int threads = cases.stream().mapToInt(BenchCase::threads).max().orElseThrow();
      Rounds rounds = Turns.time(runs, effort, threads);
      for (int i = 0; i < runs.size(); i++) {
        times.add(new RoundTimes(cases.get(i), kernels.get(i), rounds.micros(i)));
      }
    }
    return times;
  }

  @Override
  public void close() {
    while (!closing.isEmpty()) {
      closing.pop().run();
    }
  }
}
