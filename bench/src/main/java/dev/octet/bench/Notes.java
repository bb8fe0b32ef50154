package dev.octet.bench;

import com.sun.management.ThreadMXBean;
import dev.octet.bench.subject.Subject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a benchmark JVM tells the suite beside times: which kernel ran, and how much garbage a run makes once
 * it is warm.
 *
 * <p>
 * The counters are those that {@code -prof gc} reads, but around runs alone: JMH itself allocates some 5 KB
 * in each iteration, which {@code gc.alloc.rate.norm} counts as kilobytes a run where runs are long.
 *
 * @param kernel the kernel
 * @param bytesPerRun bytes of Java heap that a run allocates, on all threads
 */
record Notes(String kernel, double bytesPerRun) {
  /** The system property that names the file to leave them in. */
  static final String FILE = "octet.bench.notes";

  private static final int ROUNDS = 3;
  private static final int MAX_RUNS = 1000;
  private static final long ROUND_NANOS = 10_000_000;

  static Notes of(Subject subject) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    // the least: one run can lose its processor, and few runs count what other threads allocate
    long nanos = ROUND_NANOS;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      subject.run();
      nanos = Math.min(nanos, System.nanoTime() - start);
    }
    int runs = Math.clamp(ROUND_NANOS / Math.max(1, nanos), 1, MAX_RUNS);
    double least = Double.POSITIVE_INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
      long before = threads.getTotalThreadAllocatedBytes();
      for (int i = 0; i < runs; i++) {
        subject.run();
      }
      least = Math.min(least, (double) (threads.getTotalThreadAllocatedBytes() - before) / runs);
    }
    return new Notes(subject.kernel(), least);
  }

  void write(Path file) throws IOException {
    Files.write(file, List.of(kernel, Double.toString(bytesPerRun)));
  }

  static Notes read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    return new Notes(lines.get(0), Double.parseDouble(lines.get(1)));
  }
}
