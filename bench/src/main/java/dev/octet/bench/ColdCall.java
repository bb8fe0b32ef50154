package dev.octet.bench;

import dev.octet.bench.subject.Subject;
import dev.octet.bench.subject.Subjects;
import dev.octet.harness.shape.BenchCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * A JVM that computes a case for the first time, and then some times more; it tells {@link ColdRun} how long
 * that took, and what memory. Without arguments it does nothing but start.
 */
final class ColdCall {
  /** Begins a line that is for the run. */
  static final String MARK = "cold: ";

  /** A moment, in milliseconds since the epoch; what making the operands took is taken off. */
  static final String FIRST = "first result";

  /** After the second call, so many to see what a call costs before the JVM has compiled anything much. */
  private static final int CALLS = 20;

  private ColdCall() {}

  /** Peer, op, shape and form of a case, and the file of its packed weights where they are mapped. */
  public static void main(String[] args) throws IOException {
    if (args.length == 0) {
      tell(FIRST, "ms", sinceEpoch());
      tellPeak();
      return;
    }
    BenchCase benchCase = BenchCase.of(args[0], args[1], args[2], args[3], 1);
    long begin = System.nanoTime();
    try (Subject subject = args.length == 4
        ? Subjects.open(benchCase)
        : Subjects.openMapped(benchCase, Path.of(args[4]))) {
      double prepared = millis(begin) - Subjects.inputNanos() * 1e-6;
      long first = System.nanoTime();
      subject.run();
      double call = micros(first);
      tell(FIRST, "ms", sinceEpoch() - Subjects.inputNanos() * 1e-6);
      tell("open and prepare", "ms", prepared);
      tell("first call", "us", call);
      long second = System.nanoTime();
      subject.run();
      tell("second call", "us", micros(second));
      long later = System.nanoTime();
      for (int i = 0; i < CALLS; i++) {
        subject.run();
      }
      tell("calls 3 to " + (2 + CALLS), "us", micros(later) / CALLS);
      tell("garbage of a call", "bytes", Notes.of(subject).bytesPerRun());
      if (subject.packedBytes().isPresent()) {
        tell("packed weights", "MB", subject.packedBytes().getAsLong() / 1e6);
      }
      tellPeak();
    }
  }

  private static void tell(String what, String unit, double value) {
    System.out.printf(Locale.ROOT, "%s%s,%s,%.4f%n", MARK, what, unit, value);
  }

  private static double sinceEpoch() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()) * 1e-3;
  }

  private static double millis(long start) {
    return (System.nanoTime() - start) * 1e-6;
  }

  private static double micros(long start) {
    return (System.nanoTime() - start) * 1e-3;
  }

  /** What the process had in memory at most, where the system is Linux, which counts it. */
  private static void tellPeak() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (Files.exists(status)) {
      Files.readAllLines(status).stream().filter(line -> line.startsWith("VmHWM:"))
          .forEach(line -> tell("peak memory", "MB",
              Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1024e-6));
    }
  }
}
