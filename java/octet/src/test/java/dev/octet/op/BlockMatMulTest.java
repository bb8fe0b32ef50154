package dev.octet.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Isa;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.testing.Blocks;
import dev.octet.testing.Dice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Products with weights in block formats: by hand, packed and written, how far from exact, and refused.
 */
class BlockMatMulTest {
  private static final int K = 512;
  private static final int N = 150;
  private static final int ROWS = 9;

  @TempDir
  Path dir;

  private static float[] x(long seed) {
    Dice dice = new Dice(seed, 0);
    float[] x = new float[ROWS * K];
    for (int i = 0; i < x.length; i++) {
      x[i] = dice.gaussian();
    }
    return x;
  }

  private static BlockTensor weights(BlockFormat format) {
    return Blocks.tensor(format, N, K, Blocks.random(new Dice(11, format.id()), format, N, K));
  }

  private static float[] run(DynamicMatMul.Builder builder, float[] x, int rows) {
    return run(builder.prepare(), x, rows);
  }

  private static float[] run(WeightOnlyMatMul.Builder builder, float[] x, int rows) {
    return run(builder.prepare(), x, rows);
  }

  private static float[] run(FloatRows prepared, float[] x, int rows) {
    try (FloatRows op = prepared) {
      float[] y = new float[rows * N];
      op.run(MemorySegment.ofArray(x), MemorySegment.ofArray(y), rows);
      return y;
    }
  }

  /** Of Q4_1: 0.5 * u + 3; the row is its own quantization with a scale of 1. */
  @Test
  void aRowByHand() {
    byte[] block = new byte[20];
    short d = Float.floatToFloat16(0.5f);
    short m = Float.floatToFloat16(3);
    block[0] = (byte) d;
    block[1] = (byte) (d >> 8);
    block[2] = (byte) m;
    block[3] = (byte) (m >> 8);
    block[4] = 0x2f; // weights 0 and 16 are 15 and 2
    float[] x = new float[32];
    x[0] = 127;
    x[16] = -10.4f; // -10
    x[31] = 5;
    float[] y = new float[1];
    for (Engine engine : new Engine[]{Engine.SCALAR, Engine.VECTOR}) {
      try (Octet octet = Octet.builder().engine(engine).open();
          DynamicMatMul op = octet.dynamicMatMul().weights(Blocks.tensor(BlockFormat.Q4_1, 1, 32, block))
              .bias(new float[]{1}).prepare();
          WeightOnlyMatMul inFloats = octet.weightOnlyMatMul()
              .weights(Blocks.tensor(BlockFormat.Q4_1, 1, 32, block)).bias(new float[]{1}).prepare()) {
        op.run(MemorySegment.ofArray(x), MemorySegment.ofArray(y), 1);
        // Products 127 * 15 - 10 * 2 with a scale of 0.5, and 3 times the sum 127 - 10 + 5, and the bias.
        assertEquals(0.5f * (1905 - 20) + 3 * 122 + 1, y[0]);
        inFloats.run(MemorySegment.ofArray(x), MemorySegment.ofArray(y), 1);
        // The weights are 10.5, 4 and 3; row elements stay what they are.
        assertEquals(127 * 10.5f - 10.4f * 4 + 5 * 3 + 1, y[0], 1e-3f);
        assertTrue(inFloats.kernel().contains("f32q4_1_f32_weightonly"), inFloats.kernel());
      }
    }
  }

  /** Rows alone and together, one thread and two, all engines and tiers that run here: the same bits. */
  @ParameterizedTest
  @EnumSource(BlockFormat.class)
  void isTheSameEverywhere(BlockFormat format) {
    float[] x = x(format.id());
    float[] expected;
    try (Octet octet = Octet.builder().engine(Engine.SCALAR).open()) {
      expected = run(octet.dynamicMatMul().weights(weights(format)), x, ROWS);
    }
    check(expected, format, x, builder -> builder.engine(Engine.VECTOR).threads(2));
    check(expected, format, x, builder -> builder.threads(1));
    check(expected, format, x, builder -> builder.threads(2));
    for (Isa isa : Isa.values()) {
      check(expected, format, x, builder -> builder.isa(isa));
    }
  }

  private static void check(float[] expected, BlockFormat format, float[] x,
      UnaryOperator<Octet.Builder> settings) {
    try (Octet octet = settings.apply(Octet.builder()).open()) {
      assertArrayEquals(expected, run(octet.dynamicMatMul().weights(weights(format)), x, ROWS),
          octet.report());
      float[] first = run(octet.dynamicMatMul().weights(weights(format)), x, 1);
      for (int i = 0; i < N; i++) {
        assertEquals(expected[i], first[i]);
      }
    }
  }

  /** Quantizing a row costs half a step of its group for each element. */
  @ParameterizedTest
  @EnumSource(BlockFormat.class)
  void staysWithinTheErrorOfTheActivations(BlockFormat format) {
    float[] x = x(3);
    float[] y;
    try (Octet octet = Octet.builder().engine(Engine.SCALAR).open()) {
      y = run(octet.dynamicMatMul().weights(weights(format)), x, ROWS);
    }
    float[] w = new float[K];
    for (int column = 0; column < N; column++) {
      weights(format).dequantize(column, w);
      for (int row = 0; row < ROWS; row++) {
        double exact = 0;
        double bound = 0;
        for (int i = 0; i < K; i++) {
          float largest = 0;
          for (int j = i / 32 * 32; j < i / 32 * 32 + 32; j++) {
            largest = Math.max(largest, Math.abs(x[row * K + j]));
          }
          exact += (double) x[row * K + i] * w[i];
          bound += Math.abs(w[i]) * (largest / 127.0 * 0.5001 + 0x1p-18 * largest);
        }
        double error = Math.abs(y[row * N + column] - exact);
        assertTrue(error <= bound,
            format + " row " + row + ", column " + column + ": " + error + " > " + bound);
      }
    }
  }

  /** On all engines and tiers that run here: 1 to 4 rows go another way than more of them. */
  @ParameterizedTest
  @EnumSource(BlockFormat.class)
  void weightOnlyStaysWithinItsBound(BlockFormat format) {
    float[] x = x(4);
    checkBound(format, x, builder -> builder.engine(Engine.SCALAR));
    checkBound(format, x, builder -> builder.engine(Engine.VECTOR).threads(2));
    for (Isa isa : Isa.values()) {
      checkBound(format, x, builder -> builder.isa(isa).threads(2));
    }
  }

  private static void checkBound(BlockFormat format, float[] x, UnaryOperator<Octet.Builder> settings) {
    BlockTensor weights = weights(format);
    float[] w = new float[K];
    try (Octet octet = settings.apply(Octet.builder()).open()) {
      for (int rows : new int[]{1, 2, 3, 4, ROWS}) {
        float[] y = run(octet.weightOnlyMatMul().weights(weights), x, rows);
        for (int i = 0; i < y.length; i++) {
          weights.dequantize(i % N, w);
          double exact = 0;
          double magnitude = 0;
          for (int k = 0; k < K; k++) {
            double value = x[i / N * K + k];
            double minimum = weights.minimum(i % N, k / format.groupSize());
            exact += value * w[k];
            magnitude += Math.abs(value) * (Math.abs(w[k] - minimum) + Math.abs(minimum));
          }
          assertEquals(exact, y[i], K * 0x1p-23 * magnitude,
              format + " row " + i / N + " of " + rows + ", column " + i % N + ": " + octet.report());
        }
      }
    }
  }

  /** What is not finite in a row is not finite behind it, whatever the weights. */
  @ParameterizedTest
  @EnumSource(BlockFormat.class)
  void weightOnlyRowsWithoutNumbersStayNone(BlockFormat format) {
    float[] x = x(6);
    x[70] = Float.NaN;
    x[K + 3] = Float.NEGATIVE_INFINITY;
    checkNotFinite(format, x, builder -> builder.engine(Engine.SCALAR));
    checkNotFinite(format, x, builder -> builder.engine(Engine.VECTOR));
    for (Isa isa : Isa.values()) {
      checkNotFinite(format, x, builder -> builder.isa(isa));
    }
  }

  private static void checkNotFinite(BlockFormat format, float[] x, UnaryOperator<Octet.Builder> settings) {
    try (Octet octet = settings.apply(Octet.builder()).open()) {
      for (int rows : new int[]{2, ROWS}) {
        float[] y = run(octet.weightOnlyMatMul().weights(weights(format)), x, rows);
        for (int i = 0; i < y.length; i++) {
          assertEquals(i >= 2 * N, Float.isFinite(y[i]),
              format + " element " + i + " of " + rows + " rows: " + octet.report());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(BlockFormat.class)
  void packedWeightsAreWrittenAndMapped(BlockFormat format) {
    float[] x = x(5);
    Path file = dir.resolve("w.octetpak");
    try (Octet octet = Octet.open()) {
      float[] expected = run(octet.dynamicMatMul().weights(weights(format)), x, ROWS);
      float[] inFloats = run(octet.weightOnlyMatMul().weights(weights(format)), x, ROWS);
      try (PackedWeights packed = octet.pack(weights(format))) {
        assertEquals(Optional.of(format), packed.blockFormat());
        assertEquals(DataType.S8, packed.type());
        assertEquals(K, packed.inFeatures());
        assertEquals(N, packed.outFeatures());
        // Whole panels of 16 or 32 columns; Q4_K and Q5_K have scales of 8 bits rather than 6.
        double bits = 8.0 * packed.bytes() / K / Math.ceilDiv(N, 32) / 32;
        assertTrue(bits <= format.bitsPerWeight() + 0.125, format + " takes " + bits);
        assertArrayEquals(expected, run(octet.dynamicMatMul().weights(packed), x, ROWS));
        assertArrayEquals(inFloats, run(octet.weightOnlyMatMul().weights(packed), x, ROWS));
        packed.writeTo(file);
        assertMessage("weights: expected packed weights of a QTensor, got weights in block format " + format
            + "; dynamicMatMul and weightOnlyMatMul take them",
            () -> octet.matMul().input(DataType.U8, Quantization.perTensor(1)).weights(packed));
      } catch (UnsupportedOperationException e) {
        assertTrue(octet.engines().stream().noneMatch(s -> s.engine() == Engine.NATIVE && s.available()),
            e.getMessage());
        return;
      }
      try (PackedWeights mapped = octet.map(file); PackedWeights loaded = octet.load(file)) {
        assertEquals(Optional.of(format), mapped.blockFormat());
        assertArrayEquals(expected, run(octet.dynamicMatMul().weights(mapped), x, ROWS));
        assertArrayEquals(expected, run(octet.dynamicMatMul().weights(loaded), x, ROWS));
        assertArrayEquals(inFloats, run(octet.weightOnlyMatMul().weights(mapped), x, ROWS));
      }
    }
  }

  /** Query, key and value: what each alone gives, side by side, packed or not. */
  @Test
  void severalMatricesShareTheirRows() {
    BlockTensor q = matrix(BlockFormat.Q4_K, 96);
    BlockTensor k = matrix(BlockFormat.Q4_0, 70);
    BlockTensor v = matrix(BlockFormat.Q6_K, 33);
    int n = 96 + 70 + 33;
    float[] bias = new float[n];
    for (int i = 0; i < n; i++) {
      bias[i] = i - 100;
    }
    float[] x = x(8);
    for (Isa isa : Isa.values()) {
      for (int threads = 1; threads <= 2; threads++) {
        try (Octet octet = Octet.builder().isa(isa).threads(threads).open()) {
          float[] together = new float[ROWS * n];
          try (DynamicMatMul op = octet.dynamicMatMul().weights(q, k, v).bias(bias).prepare()) {
            op.run(MemorySegment.ofArray(x), MemorySegment.ofArray(together), ROWS);
          }
          checkPart(octet, q, bias, x, together, 0, n);
          checkPart(octet, k, bias, x, together, 96, n);
          checkPart(octet, v, bias, x, together, 166, n);
          float[] packed = new float[ROWS * n];
          try (PackedWeights a = octet.pack(q);
              PackedWeights b = octet.pack(k);
              PackedWeights c = octet.pack(v);
              DynamicMatMul op = octet.dynamicMatMul().weights(a, b, c).bias(bias).prepare()) {
            assertTrue(op.packedBytes() > a.bytes() + b.bytes() + c.bytes());
            op.run(MemorySegment.ofArray(x), MemorySegment.ofArray(packed), ROWS);
          } catch (UnsupportedOperationException e) {
            assertTrue(octet.engines().stream().noneMatch(s -> s.engine() == Engine.NATIVE && s.available()),
                e.getMessage());
            continue;
          }
          assertArrayEquals(together, packed);
        }
      }
    }
  }

  private static BlockTensor matrix(BlockFormat format, int n) {
    return Blocks.tensor(format, n, K, Blocks.random(new Dice(n, format.id()), format, n, K));
  }

  private static void checkPart(Octet octet, BlockTensor weights, float[] bias, float[] x, float[] together,
      int first, int n) {
    int own = (int) weights.rows();
    float[] alone = new float[ROWS * own];
    try (DynamicMatMul op = octet.dynamicMatMul().weights(weights)
        .bias(Arrays.copyOfRange(bias, first, first + own)).prepare()) {
      op.run(MemorySegment.ofArray(x), MemorySegment.ofArray(alone), ROWS);
    }
    for (int row = 0; row < ROWS; row++) {
      assertArrayEquals(Arrays.copyOfRange(alone, row * own, (row + 1) * own),
          Arrays.copyOfRange(together, row * n + first, row * n + first + own),
          weights + " on " + octet.report());
    }
  }

  @Test
  void severalMatricesThatDoNotFitAreRefused() {
    try (Octet octet = Octet.builder().engine(Engine.SCALAR).open()) {
      DynamicMatMul.Builder builder = octet.dynamicMatMul();
      BlockTensor q = matrix(BlockFormat.Q4_0, 3);
      BlockTensor narrow = Blocks.tensor(BlockFormat.Q4_0, 3, 256, new byte[3 * 8 * 18]);
      assertMessage("weights[2]: expected 512 input features, as weights[0] has, got 256",
          () -> builder.weights(q, q, narrow));
      byte[] infinite = new byte[16 * 34];
      infinite[1] = 0x7c;
      assertMessage(
          "weights[1]: expected finite scales, got scale Infinity in row 0, column 0 of Q8_0 [1, 512]",
          () -> builder.weights(q, Blocks.tensor(BlockFormat.Q8_0, 1, 512, infinite)));
      assertMessage("bias: expected 6 (one an output channel), got 3",
          () -> builder.weights(q, q).bias(new float[3]).prepare());
    }
  }

  @Test
  void packedWeightsOfOtherKindsShareNoRows() {
    try (Octet octet = Octet.open()) {
      QTensor int8 = QTensor.of(DataType.S8, Shape.of(3, K), Quantization.perTensor(1),
          MemorySegment.ofArray(new byte[3 * K]));
      try (PackedWeights a = octet.pack(int8, WeightLayout.OUT_IN)) {
        assertMessage(
            "weights[0]: expected weights in a block format, got S8 per tensor (scale 1.0, zero point 0); "
                + "only weights in block formats share their rows",
            () -> octet.dynamicMatMul().weights(a, a));
      } catch (UnsupportedOperationException e) {
        assertTrue(octet.engines().stream().noneMatch(s -> s.engine() == Engine.NATIVE && s.available()),
            e.getMessage());
      }
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    try (Octet octet = Octet.builder().engine(Engine.SCALAR).open()) {
      DynamicMatMul.Builder builder = octet.dynamicMatMul();
      assertMessage("weights: expected a matrix, got shape [2, 3, 32]", () -> builder
          .weights(
              BlockTensor.of(BlockFormat.Q8_0, Shape.of(2, 3, 32), MemorySegment.ofArray(new byte[204]))));
      assertMessage("weights: expected at least one input and one output feature, got shape [0, 32]",
          () -> builder
              .weights(
                  BlockTensor.of(BlockFormat.Q8_0, Shape.of(0, 32), MemorySegment.ofArray(new byte[0]))));
      byte[] infinite = new byte[2 * 2 * 20];
      infinite[3 * 20 + 3] = 0x7c;
      assertMessage(
          "weights: expected finite scales, got scale 0.0 and minimum Infinity in row 1, column 32 of "
              + "Q4_1 [2, 64]",
          () -> builder.weights(Blocks.tensor(BlockFormat.Q4_1, 2, 64, infinite)));
      byte[] exponent = new byte[17];
      exponent[0] = -1;
      assertMessage("weights: expected finite scales, got scale NaN in row 0, column 0 of MXFP4 [1, 32]",
          () -> builder.weights(Blocks.tensor(BlockFormat.MXFP4, 1, 32, exponent)));
      assertMessage(
          "perTensor: expected weights with scales per tensor or per channel, got Q6_K blocks; with them "
              + "each 32 elements of a row have a scale",
          () -> builder.weights(weights(BlockFormat.Q6_K)).perTensor().prepare());
    }
  }

  /** A panel of weights is an array there. */
  @Test
  void vectorLeavesVeryLongRowsToOthers() {
    try (Arena arena = Arena.ofConfined();
        Octet octet = Octet.builder().engine(Engine.VECTOR).open()) {
      int k = 1 << 27;
      BlockTensor weights = BlockTensor.of(BlockFormat.MXFP4, Shape.of(1, k), arena.allocate(k / 32 * 17L));
      DynamicMatMul.Builder builder = octet.dynamicMatMul().weights(weights);
      String message = assertThrows(UnsupportedOperationException.class, builder::prepare).getMessage();
      assertTrue(message.contains("has more entries than an array"), message);
    }
  }

  private static void assertMessage(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
