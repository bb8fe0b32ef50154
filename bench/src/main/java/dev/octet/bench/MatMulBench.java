package dev.octet.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Rows times packed weights: static, dynamic and weight-only products, and FP32. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class MatMulBench extends CaseState {
  /** {@code matmul} or {@code weightonly}. */
  @Param("matmul")
  public String op;

  /** {@code MxKxN}. */
  @Param("16x384x384")
  public String shape;

  /** See {@link dev.octet.harness.shape.Form}. */
  @Param("u8s8u8q")
  public String dtype;

  /** Packs the weights. */
  @Setup(Level.Trial)
  public void setUp() {
    open(op, shape, dtype);
  }

  /** One product. */
  @Benchmark
  public void product() {
    subject.run();
  }
}
