package dev.octet.internal.epilogue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.DataType;
import dev.octet.engine.Numbers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Dynamic quantize of rows against the law, written here once more, one value at a time. */
class RowQuantizerTest {
  private static final byte CANARY = 0x5a;

  /** The values that ONNX's own documentation of DynamicQuantizeLinear gives. */
  @Test
  void divides() {
    float[] row = {0, 2, -3, -2.5f, 1.34f, 0.5f};
    check("ONNX", row, 1, row.length, new Random(1));
    Result result = law(row);
    assertEquals(0.019607844f, result.scale);
    assertEquals(153, result.zeroPoint);
    assertArrayEquals(new byte[]{(byte) 153, (byte) 255, 0, 26, (byte) 221, (byte) 179}, result.bytes);
  }

  @Test
  void equalsTheLaw() {
    int[] sizes = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 100, 384, 1023, 1024, 1025, 3000};
    for (int seed = 0; seed < 2000; seed++) {
      Random random = new Random(seed);
      int rows = random.nextInt(5);
      int columns = sizes[random.nextInt(seed % 10 == 0 ? sizes.length : 14)];
      float[] x = new float[rows * columns];
      double magnitude = Math.exp(random.nextGaussian() * (random.nextInt(4) == 0 ? 30 : 2));
      int kind = random.nextInt(8);
      for (int i = 0; i < x.length; i++) {
        x[i] = switch (kind) {
          case 0 -> (float) (random.nextDouble() * magnitude);
          case 1 -> (float) (-random.nextDouble() * magnitude);
          case 2 -> random.nextInt(511) - 255;
          case 3 -> (random.nextInt(511) - 255) * 0.5f;
          case 4 -> random.nextInt(8) == 0 ? Float.intBitsToFloat(random.nextInt()) : random.nextFloat();
          case 5 -> random.nextBoolean() ? -0f : 0f;
          default -> (float) (random.nextGaussian() * magnitude);
        };
      }
      check("seed " + seed + " kind " + kind + ": " + rows + "x" + columns, x, rows, columns, random);
    }
  }

  @Test
  void specialValues() {
    float[] special = {Float.NaN, Float.intBitsToFloat(0xffc00001), Float.intBitsToFloat(0x7f800001),
        Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE,
        -Float.MIN_VALUE, 300 * Float.MIN_VALUE, -1000 * Float.MIN_VALUE, Float.MIN_NORMAL, 0f, -0f, 1, -1};
    Random random = new Random(3);
    for (float a : special) {
      for (float b : special) {
        for (int columns : new int[]{2, 5, 19}) {
          float[] x = new float[columns];
          for (int i = 2; i < columns; i++) {
            x[i] = random.nextInt(3) - 1;
          }
          x[0] = a;
          x[columns - 1] = b;
          check(Arrays.toString(x), x, 1, columns, random);
        }
      }
    }
  }

  private record Result(float scale, int zeroPoint, byte[] bytes) {}

  private static Result law(float[] row) {
    float min = 0;
    float max = 0;
    for (float x : row) {
      min = Math.min(min, x);
      max = Math.max(max, x);
    }
    float scale = (max - min) / 255;
    if (scale == 0) {
      scale = 1;
    }
    float t = Math.min(Math.max(0 - min / scale, 0), 255);
    int zeroPoint = Float.isNaN(t) ? 0 : (int) Math.rint(t);
    byte[] bytes = new byte[row.length];
    for (int i = 0; i < row.length; i++) {
      bytes[i] = (byte) Numbers.quantize(row[i], scale, zeroPoint, DataType.U8);
    }
    return new Result(scale, zeroPoint, bytes);
  }

  private static void check(String what, float[] x, int rows, int columns, Random random) {
    int stride = columns + random.nextInt(3);
    int outStride = columns + random.nextInt(3);
    int edge = 3;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment src = memory(arena, random, 4L * (edge + rows * stride));
      for (int r = 0; r < rows; r++) {
        MemorySegment.copy(x, r * columns, src, ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * (edge + r * stride),
            columns);
      }
      MemorySegment dst = memory(arena, random, 2L * edge + (long) rows * outStride).fill(CANARY);
      MemorySegment scales = memory(arena, random, 4L * (rows + 2));
      MemorySegment zeroPoints = memory(arena, random, 4L * (rows + 2));
      MemorySegment sums = random.nextBoolean() ? null : memory(arena, random, 4L * (rows + 2));
      RowQuantizer.run(new Staging(), src, edge, stride, dst, edge, outStride, rows, columns, scales,
          zeroPoints, sums, 1);
      for (int r = 0; r < rows; r++) {
        Result law = law(Arrays.copyOfRange(x, r * columns, (r + 1) * columns));
        String row = what + " row " + r;
        assertEquals(law.scale, scales.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * (r + 1)), row);
        assertEquals(law.zeroPoint, zeroPoints.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * (r + 1)), row);
        byte[] bytes = dst.asSlice(edge + (long) r * outStride, columns).toArray(ValueLayout.JAVA_BYTE);
        assertArrayEquals(law.bytes, bytes, row);
        int sum = 0;
        for (byte b : bytes) {
          sum += b & 0xff;
        }
        if (sums != null) {
          assertEquals(sum, sums.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * (r + 1)), row);
        }
      }
      for (long i = 0; i < dst.byteSize(); i++) {
        long element = i - edge;
        if (element < 0 || element >= (long) rows * outStride || element % outStride >= columns) {
          assertEquals(CANARY, dst.get(ValueLayout.JAVA_BYTE, i), what + ": written outside at " + i);
        }
      }
    }
  }

  private static MemorySegment memory(Arena arena, Random random, long bytes) {
    return random.nextBoolean()
        ? arena.allocate(bytes)
        : MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
  }
}
