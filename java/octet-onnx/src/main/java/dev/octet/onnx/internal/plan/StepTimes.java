package dev.octet.onnx.internal.plan;

import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Step;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.function.LongSupplier;

/**
 * Elapsed times of the steps of some runs, and of these runs. Steps are timed by steps around them, so that
 * runs which nobody times read no clock.
 */
public final class StepTimes {
  private final IdentityHashMap<Node, long[]> ofSteps = new IdentityHashMap<>();
  private final long[] ofRuns;
  private final LongSupplier clock;
  private int run;

  /**
   * Times of runs that are still to come.
   *
   * @param runs how many
   * @param clock in nanoseconds
   */
  StepTimes(int runs, LongSupplier clock) {
    this.ofRuns = new long[runs];
    this.clock = clock;
  }

  Step timed(Node node, Step step) {
    long[] nanos = new long[ofRuns.length];
    ofSteps.put(node, nanos);
    return (in, out, scratch) -> {
      long start = clock.getAsLong();
      step.run(in, out, scratch);
      nanos[run] = clock.getAsLong() - start;
    };
  }

  /** Makes the runs, one after the other. */
  void measure(Runnable oneRun) {
    for (run = 0; run < ofRuns.length; run++) {
      long start = clock.getAsLong();
      oneRun.run();
      ofRuns[run] = clock.getAsLong() - start;
    }
  }

  /** The median time of a run in microseconds. */
  public double runMicros() {
    return medianMicros(ofRuns);
  }

  /** The median time of a node's step in microseconds; 0 where it has none. */
  public double micros(Node node) {
    long[] nanos = ofSteps.get(node);
    return nanos == null ? 0 : medianMicros(nanos);
  }

  private static double medianMicros(long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2] * 1e-3;
  }
}
