package dev.octet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.bench.subject.Subject;
import dev.octet.harness.report.Measurement;
import dev.octet.harness.shape.BenchCase;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.runner.RunnerException;

/** A measurement by JMH from end to end, in JVMs of its own. No time decides. */
class JmhRunTest {
  private static Measurement measure(Path folder, BenchCase benchCase, String method) throws Exception {
    return new JmhRun(JmhRun.Effort.QUICK, folder).measure(benchCase, method);
  }

  @Test
  void measuresEachKind(@TempDir Path folder) throws Exception {
    for (BenchCase benchCase : new BenchCase[]{
        BenchCase.of("octet-scalar", "matmul", "1x16x16", "u8s8u8q", 1),
        BenchCase.of("octet-scalar", "conv", "n1_4x5x5_oc4_k3s1p1", "s8s8s8q", 1),
        BenchCase.of("octet-scalar", "add", "2x16", "s8s8s8", 1)}) {
      Measurement measured = measure(folder, benchCase, JmhRun.method(benchCase.op()));
      assertEquals(benchCase.peer().toString(), measured.peer());
      assertTrue(measured.kernel().startsWith("scalar:"), measured.kernel());
      assertTrue(measured.medianMicros() > 0, measured.toCsv());
      assertEquals(benchCase.shape().operations() / measured.medianMicros() * 1e-3, measured.gops());
      assertTrue(measured.bytesPerRun() >= 0, measured + "");
    }
    Measurement call = measure(folder, BenchCase.of("octet-scalar", "matmul", "1x16x16", "s8s8s8q", 1),
        CallOverheadBench.class.getName() + ".product");
    assertEquals("1x16x16", call.shape());
  }

  @Test
  void aFailureIsToldWithItsCause(@TempDir Path folder) {
    BenchCase none = BenchCase.of("octet-scalar", "matmul", "1x16x16", "u8u8u8q", 1);
    RunnerException e = assertThrows(RunnerException.class,
        () -> measure(folder, none, JmhRun.method(none.op())));
    assertTrue(e.getMessage().contains("IllegalArgumentException: weights of U8"), e.getMessage());
  }

  @Test
  void garbageOfARunIsCounted() {
    Notes clean = Notes.of(new Allocating(0));
    assertEquals("allocating", clean.kernel());
    assertEquals(0, clean.bytesPerRun());
    assertEquals(4096 + 16, Notes.of(new Allocating(4096)).bytesPerRun(), 16);
  }

  private static final class Allocating implements Subject {
    private final int bytes;
    private volatile byte[] garbage;

    Allocating(int bytes) {
      this.bytes = bytes;
    }

    @Override
    public void run() {
      if (bytes > 0) {
        garbage = new byte[bytes];
      }
    }

    @Override
    public String kernel() {
      return "allocating";
    }

    @Override
    public MemorySegment output() {
      return MemorySegment.ofArray(garbage);
    }

    @Override
    public void close() {}
  }
}
