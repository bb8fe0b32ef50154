package dev.octet.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Between number forms, and the other element-wise ops. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class QuantizeBench extends CaseState {
  /** {@code quantize, dequantize, dynamicquantize, requantize, add, multiply, lookup}. */
  @Param("quantize")
  public String op;

  /** {@code RxC}. */
  @Param("128x768")
  public String shape;

  /** See {@link dev.octet.harness.shape.Form}. */
  @Param("f32u8")
  public String dtype;

  /** Makes the buffers. */
  @Setup(Level.Trial)
  public void setUp() {
    open(op, shape, dtype);
  }

  /** One pass over the rows. */
  @Benchmark
  public void pass() {
    subject.run();
  }
}
