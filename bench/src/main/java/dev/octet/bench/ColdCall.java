package dev.octet.bench;

import dev.octet.bench.child.Told;
import dev.octet.bench.subject.Subject;
import dev.octet.bench.subject.Subjects;
import dev.octet.harness.shape.BenchCase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A JVM that computes a case for the first time, and then some times more; it tells {@link ColdRun} how long
 * that took, and what memory. Without arguments it does nothing but start.
 */
final class ColdCall {
  /** A moment, in milliseconds since the epoch; what making the operands took is taken off. */
  static final String FIRST = "first result";

  /** After the second call, so many to see what a call costs before the JVM has compiled anything much. */
  private static final int CALLS = 20;

  private ColdCall() {}

  /** Peer, op, shape and form of a case, and the file of its packed weights where they are mapped. */
  public static void main(String[] args) throws IOException {
    if (args.length == 0) {
      Told.tell(FIRST, "ms", sinceEpoch());
      Told.tellPeak();
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
      Told.tell(FIRST, "ms", sinceEpoch() - Subjects.inputNanos() * 1e-6);
      Told.tell("open and prepare", "ms", prepared);
      Told.tell("first call", "us", call);
      long second = System.nanoTime();
      subject.run();
      Told.tell("second call", "us", micros(second));
      long later = System.nanoTime();
      for (int i = 0; i < CALLS; i++) {
        subject.run();
      }
      Told.tell("calls 3 to " + (2 + CALLS), "us", micros(later) / CALLS);
      Told.tell("garbage of a call", "bytes", Notes.of(subject).bytesPerRun());
      if (subject.packedBytes().isPresent()) {
        Told.tell("packed weights", "MB", subject.packedBytes().getAsLong() / 1e6);
      }
      Told.tellPeak();
    }
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
}
