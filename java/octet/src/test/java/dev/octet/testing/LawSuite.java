package dev.octet.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.WeightOnlyMatMul;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An engine against the law as the tests write it down a second time, for all that ONNX Runtime has no
 * operator for; and the error bound of what is quantized on the fly.
 */
public abstract class LawSuite {
  private static final int CASES = 1000;
  private static final int LONG_CASES = 100;

  private Subject subject;

  /** The engine under test. */
  protected abstract EngineProfile profile();

  @BeforeEach
  final void open() {
    subject = new Subject(profile());
  }

  @AfterEach
  final void close() {
    subject.close();
  }

  @ParameterizedTest
  @EnumSource(value = TestedOp.class, names = {"MATMUL", "DYNAMIC_MATMUL", "BLOCK_MATMUL",
      "WEIGHT_ONLY_MATMUL", "BLOCK_WEIGHT_ONLY_MATMUL", "BATCH_MATMUL",
      "CONV2D", "DYNAMIC_CONV2D", "CONV_TRANSPOSE2D", "CONV3D", "REQUANTIZE", "BINARY", "POOL",
      "TRANSPOSE_IMAGES",
      "PAD", "RESIZE", "SOFTMAX", "LAYER_NORM", "GELU",
      "SGEMM"})
  void holds(TestedOp op) {
    if (!op.offeredBy(profile())) {
      System.out.println("law " + op + " on " + profile().name() + ": not offered");
      return;
    }
    RandomCases.run("law " + op, profile().name(), CASES, (dice, index, what) -> {
      OpCase c = op.random(dice, profile(), () -> dice.size(70));
      try (Arena memory = Arena.ofConfined()) {
        Map<String, Tensor> actual = c.run(subject, memory);
        Map<String, Tensor> law = c.law();
        // Float arithmetic agrees with its bound, whatever is expected.
        Comparison.check(what, c, law.isEmpty() ? actual : law, actual);
      }
    });
  }

  /** Rows longer than what an engine multiplies at a time. */
  @Test
  void groupsOfLongRowsHold() {
    EngineProfile profile = profile();
    if (!profile.offers(Set.of(Feature.DYNAMIC_MATMUL_S8_GROUPS))) {
      System.out.println("law of long rows on " + profile.name() + ": not offered");
      return;
    }
    RandomCases.run("law of long rows", profile.name(), LONG_CASES, (dice, index, what) -> {
      FloatMatMulCase.Kind kind = FloatMatMulCase.Kind.dynamic(dice, profile, true);
      int k = dice.pick(511, 512, 513, 1023, 1024, 1025, 1040, 2047, 2049, 2080) + dice.between(0, 1);
      FloatMatMulCase c = FloatMatMulCase.random(dice, kind, dice.between(1, 9), k, dice.between(1, 40));
      try (Arena memory = Arena.ofConfined()) {
        Comparison.check(what, c, c.law(), c.run(subject, memory));
      }
    });
  }

  /**
   * Sums of 256 times the magnitudes of a row are within binary32, and larger than its sum with small scales:
   * engines that scale afterwards must not overflow.
   */
  @Test
  void weightOnlyTakesLargeNumbers() {
    if (!profile().offers(Set.of(Feature.WEIGHT_ONLY_MATMUL_S8))) {
      System.out.println("law of large numbers on " + profile().name() + ": not offered");
      return;
    }
    int k = 64;
    float[] x = new float[k];
    Arrays.fill(x, Float.MAX_VALUE / 256 / k * 0.999f);
    byte[] ones = new byte[2 * k];
    Arrays.fill(ones, (byte) 127);
    QTensor weights = QTensor.of(DataType.S8, Shape.of(2, k),
        Quantization.perChannel(0, new float[]{0x1p-10f, 0}), MemorySegment.ofArray(ones));
    float[] y = new float[2];
    try (WeightOnlyMatMul op = subject
        .check(subject.octet().weightOnlyMatMul().weights(weights, WeightLayout.OUT_IN).prepare())) {
      op.run(MemorySegment.ofArray(x), MemorySegment.ofArray(y), 1);
    }
    double sum = 127 * 0x1p-10 * k * (double) x[0];
    assertEquals(sum, y[0], k * 0x1p-23 * sum);
    assertEquals(0, y[1]);
  }

  /** Quantizing a row on the fly costs half a step of its group for each element, and no more. */
  @Test
  void groupsStayWithinTheirErrorBound() {
    EngineProfile profile = profile();
    if (!profile.offers(Set.of(Feature.DYNAMIC_MATMUL_S8_GROUPS))) {
      System.out.println("law of the error bound on " + profile.name() + ": not offered");
      return;
    }
    RandomCases.run("law of the error bound", profile.name(), CASES, (dice, index, what) -> {
      FloatMatMulCase.Kind kind = FloatMatMulCase.Kind.dynamic(dice, profile, true);
      FloatMatMulCase c = FloatMatMulCase.random(dice, kind, dice.between(1, 4), dice.size(300),
          dice.between(1, 9));
      try (Arena memory = Arena.ofConfined()) {
        Tensor y = c.run(subject, memory).get("y");
        for (int i = 0; i < y.elements(); i++) {
          double error = Math.abs(y.real(i) - c.realProduct(i / c.n, i % c.n));
          double bound = c.quantizationError(i / c.n, i % c.n);
          if (!(error <= bound)) {
            throw new AssertionError(
                what + ": error " + error + " beyond " + bound + "\n" + c.describe() + "\n"
                    + c.explain("y", i));
          }
        }
      }
    });
  }
}
