package dev.octet.bench.minilm;

import dev.octet.minilm.Encoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Times several encoders on the same batch by turns, so that a machine whose speed drifts drifts for all of
 * them.
 */
final class Contest {
  /** An encoder that needs longer than this for a call gets a single timed call. */
  private static final long SLOW_NANOS = 1_500_000_000L;

  private final double secondsEach;
  private final Consumer<String> progress;

  Contest(double secondsEach, Consumer<String> progress) {
    this.secondsEach = secondsEach;
    this.progress = progress;
  }

  /** Nanoseconds of each call of each encoder; the calls of a number were next to each other. */
  Map<Encoder, double[]> run(List<Encoder> encoders, int[][] batch) {
    Map<Encoder, List<Long>> times = new LinkedHashMap<>();
    Map<Encoder, Long> spent = new LinkedHashMap<>();
    for (Encoder encoder : encoders) {
      progress.accept(encoder.name() + ": warming up");
      times.put(encoder, new ArrayList<>());
      spent.put(encoder, 0L);
      long start = System.nanoTime();
      long last = time(encoder, batch);
      if (last > SLOW_NANOS) {
        times.get(encoder).add(last);
        spent.put(encoder, Long.MAX_VALUE);
      }
      while (last <= SLOW_NANOS && System.nanoTime() - start < secondsEach * 1e9 / 2) {
        last = time(encoder, batch);
      }
    }
    List<Encoder> running = new ArrayList<>(encoders);
    while (!running.isEmpty()) {
      running.removeIf(encoder -> spent.get(encoder) >= secondsEach * 1e9);
      for (Encoder encoder : running) {
        progress.accept(encoder.name() + ": " + times.get(encoder).size() + " calls timed");
        long time = time(encoder, batch);
        times.get(encoder).add(time);
        spent.merge(encoder, time, Long::sum);
      }
    }
    Map<Encoder, double[]> all = new LinkedHashMap<>();
    times
        .forEach((encoder, list) -> all.put(encoder, list.stream().mapToDouble(Long::doubleValue).toArray()));
    return all;
  }

  private static long time(Encoder encoder, int[][] batch) {
    long start = System.nanoTime();
    encoder.embed(batch);
    return System.nanoTime() - start;
  }
}
