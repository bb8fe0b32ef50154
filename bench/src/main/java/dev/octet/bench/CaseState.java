package dev.octet.bench;

import dev.octet.bench.subject.Subject;
import dev.octet.bench.subject.Subjects;
import dev.octet.harness.shape.BenchCase;
import java.io.IOException;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What the benchmarks have in common: a case by its words, opened before the first iteration. Threads are
 * those that one call may use, not callers.
 */
@State(Scope.Benchmark)
public abstract class CaseState {
  /** See {@link dev.octet.harness.shape.Peer}. */
  @Param("octet-scalar")
  public String peer;

  /** Threads of a call. */
  @Param("1")
  public int threads;

  Subject subject;

  /** Fails where another engine than the peer's would run. */
  final void open(String op, String shape, String dtype) {
    subject = Subjects.open(BenchCase.of(peer, op, shape, dtype, threads));
  }

  /** Leaves the notes that the suite asked for, and frees the case. */
  @TearDown(Level.Trial)
  public final void close() throws IOException {
    String file = System.getProperty(Notes.FILE);
    try {
      if (file != null) {
        Notes.of(subject).write(Path.of(file));
      }
    } finally {
      subject.close();
    }
  }
}
