package dev.octet.quantize.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.Dequantize;
import dev.octet.op.MatMul;
import dev.octet.op.Quantize;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Forward against Octet's own ops, bit for bit; gradients against the published table by hand, against finite
 * differences where the function has a derivative, and against those of what the estimator stands for.
 */
class FakeQuantizerTest {
  private static final long SEED = 20260;

  @ParameterizedTest
  @EnumSource(names = {"U8", "S8", "U4", "S4"})
  void forwardIsQuantizeThenDequantize(DataType type) {
    Random random = new Random(SEED);
    int n = 4001;
    for (int zeroPoint : new int[]{type.min(), (type.min() + type.max()) / 2, type.max()}) {
      float scale = 0.01f + random.nextFloat();
      float[] x = new float[n];
      for (int i = 0; i < n; i++) {
        // Every fourth lies between two integers, where rounding shows.
        x[i] = i % 4 == 0
            ? (random.nextInt(700) - 350 + 0.5f) * scale
            : (float) (random.nextGaussian() * scale * type.max());
      }
      x[0] = Float.POSITIVE_INFINITY;
      x[1] = Float.NEGATIVE_INFINITY;
      x[2] = Float.NaN;
      float[] y = new float[n];
      byte[] q = new byte[n];
      FakeQuantizer fake = FakeQuantizer.asymmetric(type);
      fake.forward(x, new float[]{scale}, new int[]{zeroPoint}, y);
      fake.quantize(x, new float[]{scale}, new int[]{zeroPoint}, q);
      Quantization quantization = Quantization.perTensor(scale, zeroPoint);
      try (Octet octet = Octet.builder().engine(Engine.SCALAR).threads(1).open();
          Quantize quantize = octet.quantize().output(type, quantization).prepare();
          Dequantize dequantize = octet.dequantize().input(type, quantization).prepare();
          Arena arena = Arena.ofConfined()) {
        MemorySegment real = arena.allocateFrom(ValueLayout.JAVA_FLOAT, x);
        MemorySegment integers = arena.allocate(type.bytes(n));
        quantize.run(real, integers, n);
        dequantize.run(integers, real, n);
        QTensor tensor = QTensor.of(type, Shape.of(n), quantization, integers);
        for (int i = 0; i < n; i++) {
          String where = "seed " + SEED + ", " + type + ", zero point " + zeroPoint + ", x " + x[i];
          assertEquals(real.getAtIndex(ValueLayout.JAVA_FLOAT, i), y[i], where);
          assertEquals((byte) tensor.get(i), q[i], where);
        }
      }
    }
  }

  @Test
  void symmetricNeverUsesTheSmallestInteger() {
    float[] x = {-100, -7.4f, 7.4f, 100};
    FakeQuantizer.symmetric(DataType.S4).forward(x, new float[]{1}, x);
    assertArrayEquals(new float[]{-7, -7, 7, 7}, x);
    float[] wide = {-1000, 1000};
    FakeQuantizer.symmetric(DataType.S8).forward(wide, new float[]{1}, wide);
    assertArrayEquals(new float[]{-127, 127}, wide);
  }

  @Test
  void nonNegativeIsReluToo() {
    float[] x = {-3, -0.1f, 0.26f, 20};
    FakeQuantizer.nonNegative(DataType.U4).forward(x, new float[]{0.5f}, x);
    assertArrayEquals(new float[]{0, 0, 0.5f, 7.5f}, x);
  }

  /** Equations 3 and 5 of the paper, scale 0.5, Qn = Qp = 7, worked out by hand. */
  @Test
  void gradientsAreThoseOfThePaper() {
    float[] x = {-4f, -3.5f, -1.1f, 0f, 0.2f, 0.9f, 3.5f, 9f};
    float[] each = {-7, -7, 0.2f, 0, -0.4f, 0.2f, 7, 7};
    float[] through = {0, 0, 1, 1, 1, 1, 0, 0};
    FakeQuantizer fake = FakeQuantizer.symmetric(DataType.S4);
    for (int i = 0; i < x.length; i++) {
      float[] dx = new float[1];
      float[] dScale = {10};
      fake.backward(new float[]{x[i]}, new float[]{0.5f}, new float[]{3}, 0.25f, dx, dScale);
      assertEquals(3 * through[i], dx[0], "dx of " + x[i]);
      assertEquals(10 + 0.25f * 3 * each[i], dScale[0], 1e-6, "dScale of " + x[i]);
    }
  }

  /** Without rounding the fake quantizer is a clamp, whose derivatives exist away from its ends. */
  @Test
  void gradientsOfClippedValuesAreFiniteDifferences() {
    FakeQuantizer fake = FakeQuantizer.asymmetric(DataType.U4);
    int zeroPoint = 5;
    double h = 1e-2;
    for (float x : new float[]{-8, -3, 6, 11}) {
      float[] dx = new float[1];
      float[] dScale = new float[1];
      float[] dZeroPoint = new float[1];
      fake.backward(new float[]{x}, new float[]{0.5f}, new int[]{zeroPoint}, new float[]{1}, 1, dx, dScale,
          dZeroPoint);
      assertEquals((at(fake, x + h, 0.5, zeroPoint) - at(fake, x - h, 0.5, zeroPoint)) / (2 * h), dx[0],
          1e-4);
      assertEquals((at(fake, x, 0.5 + h, zeroPoint) - at(fake, x, 0.5 - h, zeroPoint)) / (2 * h), dScale[0],
          1e-4);
      assertEquals((at(fake, x, 0.5, zeroPoint + 1) - at(fake, x, 0.5, zeroPoint - 1)) / 2, dZeroPoint[0],
          1e-6);
    }
  }

  private static double at(FakeQuantizer fake, double x, double scale, int zeroPoint) {
    float[] y = {(float) x};
    fake.forward(y, new float[]{(float) scale}, new int[]{zeroPoint}, y);
    return y[0];
  }

  /**
   * The straight-through estimator takes rounding for the addition of a constant. With that constant held
   * fixed, {@code scale * clamp(x / scale + residue, a, b)} has derivatives, and they are the estimator's.
   */
  @Test
  void gradientsAreFiniteDifferencesOfTheEstimator() {
    Random random = new Random(SEED);
    FakeQuantizer fake = FakeQuantizer.asymmetric(DataType.S8);
    for (int trial = 0; trial < 2000; trial++) {
      float scale = 0.05f + random.nextFloat();
      int zeroPoint = random.nextInt(256) - 128;
      double a = -128 - zeroPoint;
      double b = 127 - zeroPoint;
      float x = (float) ((random.nextDouble() * 400 - 200) * scale);
      double v = (double) x / scale;
      if (Math.abs(v - a) < 1 || Math.abs(v - b) < 1) {
        continue; // the estimator has a corner here
      }
      double residue = Math.rint(v) - v;
      double h = 1e-6 * scale;
      float[] dx = new float[1];
      float[] dScale = new float[1];
      fake.backward(new float[]{x}, new float[]{scale}, new int[]{zeroPoint}, new float[]{1}, 1, dx, dScale,
          new float[1]);
      String where = "seed " + SEED + ", x " + x + ", scale " + scale + ", zero point " + zeroPoint;
      assertEquals(
          (estimator(x + h, scale, residue, a, b) - estimator(x - h, scale, residue, a, b)) / (2 * h), dx[0],
          1e-4, where);
      assertEquals(
          (estimator(x, scale + h, residue, a, b) - estimator(x, scale - h, residue, a, b)) / (2 * h),
          dScale[0], 1e-4, where);
    }
  }

  private static double estimator(double x, double scale, double residue, double a, double b) {
    return scale * Math.clamp(x / scale + residue, a, b);
  }

  @Test
  void channelsAreTensorsOfTheirOwn() {
    Random random = new Random(SEED);
    int[] dims = {3, 4, 5};
    Shape shape = Shape.of(3, 4, 5);
    float[] x = gaussian(random, 60);
    float[] dy = gaussian(random, 60);
    for (int axis = 0; axis < 3; axis++) {
      FakeQuantizer fake = FakeQuantizer.asymmetric(DataType.U4).perChannel(shape, axis);
      FakeQuantizer one = FakeQuantizer.asymmetric(DataType.U4);
      int channels = dims[axis];
      assertEquals(channels, fake.channels());
      float[] scales = new float[channels];
      int[] zeroPoints = new int[channels];
      for (int c = 0; c < channels; c++) {
        scales[c] = 0.1f + random.nextFloat() / 5;
        zeroPoints[c] = random.nextInt(16);
      }
      float[] y = new float[60];
      float[] dx = new float[60];
      byte[] q = new byte[60];
      float[] dScales = new float[channels];
      float[] dZeroPoints = new float[channels];
      fake.forward(x, scales, zeroPoints, y);
      fake.quantize(x, scales, zeroPoints, q);
      fake.backward(x, scales, zeroPoints, dy, 0.5f, dx, dScales, dZeroPoints);
      float[] first = fake.initialScales(x);
      for (int c = 0; c < channels; c++) {
        int[] of = indices(dims, axis, c);
        float[] part = pick(x, of);
        float[] scale = {scales[c]};
        int[] zeroPoint = {zeroPoints[c]};
        float[] partY = new float[of.length];
        byte[] partQ = new byte[of.length];
        float[] partDx = new float[of.length];
        float[] dScale = new float[1];
        float[] dZeroPoint = new float[1];
        one.forward(part, scale, zeroPoint, partY);
        one.quantize(part, scale, zeroPoint, partQ);
        one.backward(part, scale, zeroPoint, pick(dy, of), 0.5f, partDx, dScale, dZeroPoint);
        String where = "seed " + SEED + ", axis " + axis + ", channel " + c;
        assertArrayEquals(partY, pick(y, of), where);
        assertArrayEquals(partDx, pick(dx, of), where);
        assertEquals(dScale[0], dScales[c], 1e-5, where);
        assertEquals(dZeroPoint[0], dZeroPoints[c], 1e-5, where);
        assertEquals(one.initialScales(part)[0], first[c], 1e-6, where);
        for (int i = 0; i < of.length; i++) {
          assertEquals(partQ[i], q[of[i]], where);
        }
      }
    }
  }

  private static int[] indices(int[] dims, int axis, int channel) {
    int[] found = new int[60 / dims[axis]];
    int n = 0;
    for (int i = 0; i < 60; i++) {
      int[] index = {i / 20, i / 5 % 4, i % 5};
      if (index[axis] == channel) {
        found[n++] = i;
      }
    }
    return found;
  }

  private static float[] pick(float[] x, int[] of) {
    float[] picked = new float[of.length];
    for (int i = 0; i < of.length; i++) {
      picked[i] = x[of[i]];
    }
    return picked;
  }

  /** Section 2.1: 2 * mean(|x|) / sqrt(Qp). */
  @Test
  void stepsBeginWhereThePaperSays() {
    float[] x = {-1, 2, -3, 0};
    assertEquals(2 * 1.5 / Math.sqrt(7), FakeQuantizer.symmetric(DataType.S4).initialScales(x)[0], 1e-6);
    assertEquals(2 * 1.5 / Math.sqrt(127), FakeQuantizer.symmetric(DataType.S8).initialScales(x)[0], 1e-6);
    assertEquals(2 * 1.5 / Math.sqrt(255), FakeQuantizer.nonNegative(DataType.U8).initialScales(x)[0], 1e-6);
    assertEquals(2 * 1.5 / Math.sqrt(15), FakeQuantizer.asymmetric(DataType.S4).initialScales(x)[0], 1e-6);
    assertEquals(1, FakeQuantizer.symmetric(DataType.S4).initialScales(new float[3])[0]);
  }

  /** Section 2.2: 1 / sqrt(N * Qp). */
  @Test
  void gradientScaleIsThePapers() {
    assertEquals(1 / Math.sqrt(100 * 7), FakeQuantizer.symmetric(DataType.S4).gradientScale(100), 1e-7);
    assertEquals(1 / Math.sqrt(100 * 255.0), FakeQuantizer.nonNegative(DataType.U8).gradientScale(100), 1e-7);
    assertThrows(IllegalArgumentException.class,
        () -> FakeQuantizer.symmetric(DataType.S4).gradientScale(0));
  }

  /** A scale that learns by these gradients comes near the one of least error. */
  @Test
  void aStepLearnsToLowerTheError() {
    Random random = new Random(SEED);
    float[] x = gaussian(random, 4096);
    FakeQuantizer fake = FakeQuantizer.symmetric(DataType.S4);
    float[] scale = {0.05f};
    float[] y = new float[x.length];
    double before = error(fake, x, scale, y);
    for (int step = 0; step < 300; step++) {
      float[] dScale = new float[1];
      fake.forward(x, scale, y);
      float[] dy = new float[x.length];
      for (int i = 0; i < x.length; i++) {
        dy[i] = 2 * (y[i] - x[i]) / x.length;
      }
      fake.backward(x, scale, dy, 1, dy, dScale);
      scale[0] -= 0.01f * dScale[0];
    }
    double least = Double.MAX_VALUE;
    for (float s = 0.1f; s < 1; s += 0.005f) {
      least = Math.min(least, error(fake, x, new float[]{s}, y));
    }
    double after = error(fake, x, scale, y);
    assertTrue(after < 0.05 * before && after < 1.2 * least,
        "seed " + SEED + ": error " + before + " became " + after + ", least is " + least);
  }

  private static double error(FakeQuantizer fake, float[] x, float[] scale, float[] y) {
    fake.forward(x, scale, y);
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (double) (y[i] - x[i]) * (y[i] - x[i]) / x.length;
    }
    return sum;
  }

  /** The accumulator of a product with zeros is the bias. */
  @Test
  void biasIsWhatTheAccumulatorHolds() {
    float[] bias = {0.37f, -1.234f, 5e9f, 0};
    float[] scales = {0.013f, 0.02f, 0.5f, 0.1f};
    float inputScale = 0.3f;
    float[] y = new float[4];
    FakeQuantizer.forwardBias(bias, inputScale, scales, y);
    QTensor weights = QTensor.of(DataType.S8, Shape.of(4, 1), Quantization.perChannel(0, scales),
        new byte[4]);
    try (Octet octet = Octet.builder().engine(Engine.SCALAR).threads(1).open();
        MatMul product = octet.matMul().input(DataType.U8, Quantization.perTensor(inputScale))
            .weights(weights, WeightLayout.OUT_IN).bias(bias).outputS32().prepare();
        Arena arena = Arena.ofConfined()) {
      MemorySegment acc = arena.allocate(ValueLayout.JAVA_INT, 4);
      product.run(arena.allocate(1), acc, 1);
      for (int c = 0; c < 4; c++) {
        assertEquals(acc.getAtIndex(ValueLayout.JAVA_INT, c) * (inputScale * scales[c]), y[c]);
      }
    }
    float[] same = {1.04f};
    FakeQuantizer.forwardBias(same, 0.5f, new float[]{0.2f}, same);
    assertEquals(1.0f, same[0], 1e-6);
  }

  @Test
  void errorsNameTheOperand() {
    FakeQuantizer symmetric = FakeQuantizer.symmetric(DataType.S8);
    FakeQuantizer asymmetric = FakeQuantizer.asymmetric(DataType.U8);
    FakeQuantizer channels = symmetric.perChannel(Shape.of(2, 3), 0);
    float[] x = new float[6];
    float[] one = {1};
    refuses("type: expected S8 or S4", () -> FakeQuantizer.symmetric(DataType.U8));
    refuses("type: expected U8 or U4", () -> FakeQuantizer.nonNegative(DataType.S8));
    refuses("type: expected U8, S8, U4 or S4", () -> FakeQuantizer.asymmetric(DataType.F32));
    refuses("axis: expected 0 to 1", () -> symmetric.perChannel(Shape.of(2, 3), 2));
    refuses("shape: expected 1 to", () -> symmetric.perChannel(Shape.of(2, 0), 0));
    refuses("scales: expected 2", () -> channels.forward(x, one, x));
    refuses("x: expected 6", () -> channels.forward(new float[5], new float[]{1, 1}, new float[5]));
    refuses("y: expected 6", () -> symmetric.forward(x, one, new float[5]));
    refuses("q: expected 6", () -> symmetric.quantize(x, one, new byte[7]));
    refuses("dy: expected 6", () -> symmetric.backward(x, one, one, 1, x, one.clone()));
    refuses("dScales: expected 1", () -> symmetric.backward(x, one, x, 1, new float[6], new float[2]));
    for (float bad : new float[]{0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
      refuses("scales[0]: expected a positive finite number",
          () -> symmetric.forward(x, new float[]{bad}, x));
    }
    refuses("zeroPoints[0]: expected 0 to 255", () -> asymmetric.forward(x, one, new int[]{256}, x));
    refuses("zeroPoints[0]: expected 0 to 0", () -> symmetric.forward(x, one, new int[]{1}, x));
    refuses("zeroPoints: expected 1", () -> asymmetric.forward(x, one, new int[2], x));
    refuses("x: expected at least one", () -> symmetric.initialScales(new float[0]));
    refuses("weightScales: expected 1 or 6",
        () -> FakeQuantizer.forwardBias(x, 1, new float[2], new float[6]));
    assertThrows(IllegalStateException.class, () -> asymmetric.forward(x, one, x));
  }

  private static void refuses(String message, Runnable call) {
    String got = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(got.startsWith(message), "expected \"" + message + "...\", got \"" + got + "\"");
  }

  private static float[] gaussian(Random random, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }
}
