package dev.octet.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.BatchArguments;
import dev.octet.op.BatchMatMul;
import dev.octet.op.BatchOperand;
import dev.octet.op.DynamicMatMul;
import dev.octet.op.MatMul;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every form of a product, on sizes around the steps of this engine and on data that saturates 16 bits. */
@ExtendWith(SplitAllowed.class)
class ExactnessTest {
  private static final long SEED = 20250103;

  /**
   * K: around 4 and the widest accumulations; N: around 16, 64, panels of 256 to 512; rows: around blocks.
   */
  private static final int[][] SIZES = {{1, 1, 1}, {1, 2, 17}, {2, 3, 16}, {3, 4, 15}, {5, 5, 64},
      {9, 31, 65},
      {17, 64, 255}, {33, 65, 513}, {64, 7, 520}, {65, 33, 512}, {129, 20, 130}, {257, 9, 40},
      {300, 12, 1100},
      {4, 1030, 70}, {2, 5000, 33}};

  @Test
  void matMulEqualsScalar() {
    matMuls(24);
  }

  @Test
  void batchMatMulEqualsScalar() {
    batchMatMuls(24);
  }

  static void matMuls(int variants) {
    Random random = new Random(SEED);
    int cases = 0;
    try (Octet scalar = Octet.builder().engine(Engine.SCALAR).open();
        Octet onednn = Octet.builder().engine(Engine.ONEDNN).open()) {
      for (int[] size : SIZES) {
        for (int variant = 0; variant < variants; variant++) {
          matMul(scalar, onednn, size[0], size[1], size[2], variant, random, ++cases);
        }
      }
    }
  }

  private static void matMul(Octet scalar, Octet onednn, int rows, int k, int n, int variant, Random random,
      int number) {
    DataType input = variant % 2 == 0 ? DataType.U8 : DataType.S8;
    DataType weightType = variant % 3 == 0 ? DataType.U8 : DataType.S8;
    DataType output = new DataType[]{DataType.S8, DataType.U8, DataType.F32, DataType.S32}[variant % 4];
    boolean perRow = random.nextInt(3) == 0;
    boolean perChannel = random.nextBoolean();
    boolean zeroPoints = random.nextInt(3) == 0;
    boolean extreme = random.nextBoolean();
    WeightLayout layout = random.nextBoolean() ? WeightLayout.IN_OUT : WeightLayout.OUT_IN;
    byte[] x = bytes(random, rows * k, extreme);
    byte[] w = bytes(random, k * n, extreme);
    Quantization q = quantization(random, perChannel ? n : 1, layout == WeightLayout.IN_OUT ? 1 : 0,
        zeroPoints, weightType);
    QTensor weights = QTensor.of(weightType,
        layout == WeightLayout.IN_OUT ? Shape.of(k, n) : Shape.of(n, k), q, w);
    int[] bias = random.nextBoolean() ? random.ints(n, -100000, 100000).toArray() : null;
    int zeroPoint = random.nextInt(input.min(), input.max() + 1);
    float scale = random.nextFloat() + 0.01f;
    float outScale = (float) (scale * 60 * Math.sqrt(k));
    byte[][] results = new byte[2][];
    String text = "case " + number + " seed " + SEED + ": " + rows + "x" + k + "x" + n + " " + input
        + weightType + "_"
        + output + (perRow ? " per row" : "") + (zeroPoints ? " weight zero points" : "") + " " + layout
        + (extreme ? " extreme" : "");
    for (Octet octet : new Octet[]{scalar, onednn}) {
      MatMul.Builder builder = octet.matMul().weights(weights, layout);
      if (perRow) {
        builder.inputPerRow(input);
      } else {
        builder.input(input, Quantization.perTensor(scale, zeroPoint));
      }
      if (bias != null) {
        builder.bias(bias);
      }
      switch (output) {
        case S32 -> builder.outputS32();
        case F32 -> builder.outputF32();
        default -> builder.output(output, Quantization.perTensor(outScale, output == DataType.U8 ? 100 : 7));
      }
      try (MatMul op = builder.prepare(); Arena arena = Arena.ofConfined()) {
        byte[] y = new byte[rows * n * output.bits() / 8];
        MemorySegment src = random.nextBoolean()
            ? MemorySegment.ofArray(x)
            : arena.allocate(x.length, 1).copyFrom(
                MemorySegment.ofArray(x));
        if (perRow) {
          float[] scales = new float[rows];
          int[] zps = new int[rows];
          for (int i = 0; i < rows; i++) {
            scales[i] = scale * (i % 5 + 1);
            zps[i] = (zeroPoint + i & 0xff) + input.min();
          }
          op.run(src, MemorySegment.ofArray(scales), number % 2 == 0 ? null : MemorySegment.ofArray(zps),
              MemorySegment.ofArray(y), rows);
        } else {
          op.run(src, MemorySegment.ofArray(y), rows);
        }
        results[octet == scalar ? 0 : 1] = y;
        if (octet == onednn) {
          assertTrue(op.kernel().startsWith("onednn:"), op.kernel());
          text += " " + op.kernel();
        }
      }
    }
    int at = Arrays.mismatch(results[0], results[1]);
    assertEquals(-1, at, text);
  }

  /** Any bytes, only extremes, or large ones of one sign, whose sums leave 24 bits. */
  private static byte[] bytes(Random random, int count, boolean extreme) {
    byte[] result = new byte[count];
    random.nextBytes(result);
    boolean large = random.nextInt(3) == 0;
    for (int i = 0; large && i < count; i++) {
      result[i] = (byte) ((result[i] & 31) | 96);
    }
    if (extreme) {
      for (int i = 0; i < count; i++) {
        // 0, 255 or -128, 127 whatever the type
        result[i] = new byte[]{0, -1, -128, 127}[result[i] & 3];
      }
    }
    return result;
  }

  private static Quantization quantization(Random random, int count, int axis, boolean zeroPoints,
      DataType type) {
    float[] scales = new float[count];
    int[] points = new int[count];
    for (int i = 0; i < count; i++) {
      scales[i] = random.nextFloat() + 0.01f;
      points[i] = zeroPoints ? random.nextInt(type.min(), type.max() + 1) : 0;
    }
    return count == 1
        ? Quantization.perTensor(scales[0], points[0])
        : Quantization.perChannel(axis, scales, points);
  }

  @Test
  void dynamicMatMulEqualsScalar() {
    Random random = new Random(SEED + 1);
    try (Octet scalar = Octet.builder().engine(Engine.SCALAR).open();
        Octet onednn = Octet.builder().engine(Engine.ONEDNN).open();
        Arena arena = Arena.ofConfined()) {
      for (int[] size : SIZES) {
        int rows = size[0];
        int k = size[1];
        int n = size[2];
        for (int variant = 0; variant < 4; variant++) {
          MemorySegment x = arena.allocateFrom(ValueLayout.JAVA_FLOAT, Floats.gaussian(random, rows * k));
          QTensor w = QTensor.of(DataType.S8, Shape.of(k, n),
              quantization(random, variant % 2 == 0 ? n : 1, 1, variant > 1, DataType.S8),
              bytes(random, k * n, variant % 3 == 0));
          MemorySegment[] y = {arena.allocate(4L * rows * n), arena.allocate(4L * rows * n)};
          try (DynamicMatMul a = scalar.dynamicMatMul().weights(w, WeightLayout.IN_OUT).prepare();
              DynamicMatMul b = onednn.dynamicMatMul().weights(w, WeightLayout.IN_OUT).prepare()) {
            a.run(x, y[0], rows);
            b.run(x, y[1], rows);
            assertEquals(-1, y[0].mismatch(y[1]),
                rows + "x" + k + "x" + n + " seed " + SEED + " " + b.kernel());
          }
        }
      }
    }
  }

  /** Batch, m, k, n. */
  private static final int[][] PRODUCTS = {{1, 1, 1, 1}, {3, 1, 64, 17}, {2, 5, 3, 16}, {4, 17, 33, 64},
      {1, 300, 64, 520}, {2, 65, 100, 31}, {1, 4, 5000, 33}, {1, 2, 40000, 20}, {1, 1100, 20, 16}};

  static void batchMatMuls(int variants) {
    Random random = new Random(SEED + 2);
    try (Octet scalar = Octet.builder().engine(Engine.SCALAR).open();
        Octet onednn = Octet.builder().engine(Engine.ONEDNN).open()) {
      for (int[] size : PRODUCTS) {
        for (int variant = 0; variant < variants; variant++) {
          batchMatMul(scalar, onednn, size, variant, random);
        }
      }
    }
  }

  private static void batchMatMul(Octet scalar, Octet onednn, int[] size, int variant, Random random) {
    int batch = size[0];
    int m = size[1];
    int k = size[2];
    int n = size[3];
    DataType left = variant % 2 == 0 ? DataType.U8 : DataType.S8;
    DataType right = variant % 3 == 0 ? DataType.U8 : DataType.S8;
    DataType output = new DataType[]{DataType.S8, DataType.U8, DataType.F32, DataType.S32}[variant / 2 % 4];
    boolean transposed = random.nextBoolean();
    boolean leftPerRow = random.nextBoolean();
    boolean rightPerColumn = random.nextBoolean();
    boolean repeated = random.nextInt(4) == 0;
    boolean extreme = random.nextBoolean();
    int gap = random.nextInt(3);
    Quantization leftQ = Quantization.perTensor(0.03f, random.nextInt(left.min(), left.max() + 1));
    Quantization rightQ = Quantization.perTensor(0.02f, random.nextInt(3) == 0
        ? right == DataType.U8 ? 128 : 0
        : random.nextInt(right.min(), right.max() + 1));
    String text = "seed " + SEED + ": " + batch + "x" + m + "x" + k + "x" + n + " " + left + right + "_"
        + output
        + " variant " + variant + (transposed ? " transposed" : "") + (leftPerRow ? " per row" : "")
        + (rightPerColumn ? " per column" : "") + (repeated ? " repeated" : "") + " gap " + gap;
    byte[] a = bytes(random, batch * m * (k + gap), extreme);
    byte[] b = bytes(random, batch * (transposed ? n * (k + gap) : k * (n + gap)), extreme);
    BatchOperand leftOperand = operand(random, a, leftPerRow ? batch * m : 0, left);
    BatchOperand rightOperand = operand(random, b, rightPerColumn ? batch * n : 0, right);
    byte[][] results = new byte[2][batch * m * (n + gap) * output.bits() / 8];
    for (Octet octet : new Octet[]{scalar, onednn}) {
      BatchMatMul.Builder builder = octet.batchMatMul();
      if (leftPerRow) {
        builder.left(left);
      } else {
        builder.left(left, leftQ);
      }
      if (rightPerColumn) {
        builder.right(right);
      } else {
        builder.right(right, rightQ);
      }
      if (transposed) {
        builder.rightTransposed();
      }
      switch (output) {
        case S32 -> builder.outputS32();
        case F32 -> builder.outputF32();
        default -> builder.output(output, Quantization.perTensor((float) (0.04 * Math.sqrt(k)), 3));
      }
      try (BatchMatMul op = builder.prepare()) {
        op.run(new BatchArguments().sizes(batch, m, k, n)
            .left(leftOperand.data(), leftOperand.scales(), leftOperand.zeroPoints())
            .leftStrides((long) m * (k + gap), k + gap)
            .right(rightOperand.data(), rightOperand.scales(), rightOperand.zeroPoints())
            .rightStrides(repeated ? 0 : b.length / batch, transposed ? k + gap : n + gap)
            .out(MemorySegment.ofArray(results[octet == scalar ? 0 : 1]))
            .outStrides((long) m * (n + gap), n + gap));
      }
    }
    assertEquals(-1, Arrays.mismatch(results[0], results[1]), text);
  }

  private static BatchOperand operand(Random random, byte[] data, int parameters, DataType type) {
    float[] scales = new float[parameters];
    int[] zeroPoints = new int[parameters];
    for (int i = 0; i < parameters; i++) {
      scales[i] = random.nextFloat() + 0.01f;
      zeroPoints[i] = random.nextInt(type.min(), type.max() + 1);
    }
    return parameters == 0
        ? BatchOperand.of(MemorySegment.ofArray(data))
        : BatchOperand.of(MemorySegment.ofArray(data), MemorySegment.ofArray(scales),
            random.nextBoolean() ? MemorySegment.ofArray(zeroPoints) : null);
  }
}
