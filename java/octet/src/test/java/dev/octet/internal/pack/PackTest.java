package dev.octet.internal.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.engine.MatrixWeights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Each of the small steps against one line of plain arithmetic. */
class PackTest {
  private static final int[] SIZES = {1, 2, 7, 8, 9, 16, 63, 64, 65, 127, 128, 129, 300, 1100};
  private final Random random = new Random(9);

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  @Test
  void transposes() {
    for (int rows : SIZES) {
      for (int columns : SIZES) {
        byte[] src = bytes(rows * columns);
        byte[] dst = new byte[rows * columns];
        Transpose.bytes(MemorySegment.ofArray(src), MemorySegment.ofArray(dst), rows, columns);
        byte[] expected = new byte[rows * columns];
        for (int r = 0; r < rows; r++) {
          for (int c = 0; c < columns; c++) {
            expected[c * rows + r] = src[r * columns + c];
          }
        }
        assertArrayEquals(expected, dst, rows + "x" + columns);
      }
    }
  }

  @Test
  void flipsSigns() {
    try (Arena arena = Arena.ofConfined()) {
      for (int columns : SIZES) {
        for (int stride : new int[]{columns, columns + 3}) {
          int rows = 3;
          byte[] src = bytes(rows * stride + 2);
          MemorySegment dst = arena.allocate((long) rows * columns + 2).fill((byte) 77);
          Signs.flipRows(MemorySegment.ofArray(src), 2, stride, dst, 1, rows, columns);
          assertEquals(77, dst.get(ValueLayout.JAVA_BYTE, 0));
          assertEquals(77, dst.get(ValueLayout.JAVA_BYTE, (long) rows * columns + 1));
          for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
              assertEquals(src[2 + r * stride + c] + 128,
                  dst.get(ValueLayout.JAVA_BYTE, 1 + (long) r * columns + c) & 0xff, columns + " at " + c);
            }
          }
        }
      }
    }
  }

  @Test
  void sumsRows() {
    try (Arena arena = Arena.ofConfined()) {
      for (int columns : new int[]{0, 1, 7, 8, 9, 1023, 1024, 1025, 2047, 5000, 100_000}) {
        for (boolean all255 : new boolean[]{false, true}) {
          int stride = columns + 5;
          byte[] src = bytes(3 + 2 * stride);
          MemorySegment memory = arena.allocate(src.length).copyFrom(MemorySegment.ofArray(src));
          if (all255) {
            memory.fill((byte) 255);
          }
          int[] expected = new int[2];
          for (int i = 0; i < 2 * columns; i++) {
            expected[i / columns] += memory.get(ValueLayout.JAVA_BYTE,
                3 + (long) (i / columns) * stride + i % columns) & 0xff;
          }
          MemorySegment sums = arena.allocate(12);
          Sums.rowsUnsigned(memory, 3, stride, 2, columns, sums, 1);
          assertEquals(expected[0], sums.get(ValueLayout.JAVA_INT_UNALIGNED, 4), columns + " columns");
          assertEquals(expected[1], sums.get(ValueLayout.JAVA_INT_UNALIGNED, 8), columns + " columns");
        }
      }
    }
  }

  @Test
  void signsWeights() {
    for (DataType type : new DataType[]{DataType.U8, DataType.S8}) {
      for (WeightLayout layout : new WeightLayout[]{WeightLayout.IN_OUT, WeightLayout.OUT_IN}) {
        for (int[] size : new int[][]{{1, 1}, {5, 3}, {17, 1100}, {130, 20}, {257, 9}, {258, 8}, {700, 17}}) {
          signsWeights(type, layout, size[0], size[1]);
        }
      }
    }
  }

  @Test
  void sumsColumnsOfExtremes() {
    try (Arena arena = Arena.ofConfined()) {
      for (int k : new int[]{1, 257, 258, 600}) {
        for (int value : new int[]{-128, 127}) {
          int[] expected = new int[13];
          Arrays.fill(expected, k * value);
          MemorySegment matrix = arena.allocate(13L * k).fill((byte) value);
          assertArrayEquals(expected, Sums.columns(matrix, k, 13), k + " rows of " + value);
        }
      }
    }
  }

  private void signsWeights(DataType type, WeightLayout layout, int k, int n) {
    boolean outIn = layout == WeightLayout.OUT_IN;
    float[] scales = new float[n];
    int[] zeroPoints = new int[n];
    for (int c = 0; c < n; c++) {
      scales[c] = 1;
      zeroPoints[c] = type.min() + random.nextInt(256);
    }
    MatrixWeights weights = MatrixWeights.of(
        QTensor.of(type, outIn ? Shape.of(n, k) : Shape.of(k, n),
            Quantization.perChannel(outIn ? 0 : 1, scales, zeroPoints), bytes(k * n)),
        layout);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment dst = arena.allocate((long) k * n);
      SignedWeights signed = new SignedWeights(weights, dst);
      for (int c = 0; c < n; c++) {
        int sum = 0;
        for (int i = 0; i < k; i++) {
          int centred = weights.get(i, c) - weights.zeroPoint(0, c);
          sum += centred;
          assertEquals(centred, dst.get(ValueLayout.JAVA_BYTE, (long) i * n + c) - signed.zeroPoints()[c],
              type + " " + layout + " " + k + "x" + n + " at " + i + ", " + c);
        }
        assertEquals(sum, signed.centredSums()[c], type + " " + layout + " " + k + "x" + n + " column " + c);
      }
    }
  }
}
