package dev.octet.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Convolutions of NHWC images, dense, grouped and depthwise. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class Conv2dBench extends CaseState {
  /** {@code n1_CxHxW_ocO_kKsSpP[_dw]}. */
  @Param("n1_16x14x14_oc32_k3s1p1")
  public String shape;

  /** See {@link dev.octet.harness.shape.Form}. */
  @Param("u8s8u8q")
  public String dtype;

  /** Packs the weights. */
  @Setup(Level.Trial)
  public void setUp() {
    open("conv", shape, dtype);
  }

  /** One convolution. */
  @Benchmark
  public void convolution() {
    subject.run();
  }
}
