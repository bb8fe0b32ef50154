package dev.octet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.testing.Blocks;
import dev.octet.testing.Dice;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Weights in block formats: what bytes stand for, and what is refused. */
class BlockTensorTest {
  private static final int ROWS = 40;
  private static final int COLUMNS = 1024;

  @ParameterizedTest
  @EnumSource(BlockFormat.class)
  void weightsAreThoseOfTheLayout(BlockFormat format) {
    byte[] bytes = Blocks.random(new Dice(20251129, format.id()), format, ROWS, COLUMNS);
    float[] expected = Blocks.dequantize(format, bytes);
    BlockTensor tensor = Blocks.tensor(format, ROWS, COLUMNS, bytes);
    float[] row = new float[COLUMNS];
    MemorySegment memory = MemorySegment.ofArray(new byte[4 * COLUMNS + 1]).asSlice(1);
    for (int r = 0; r < ROWS; r++) {
      tensor.dequantize(r, row);
      // Bits, but for the sign of 0: d * -0 and d * 0 are one weight.
      float[] wanted = Arrays.copyOfRange(expected, r * COLUMNS, (r + 1) * COLUMNS);
      for (int i = 0; i < COLUMNS; i++) {
        assertTrue(wanted[i] == row[i],
            format + " row " + r + ", " + i + ": " + wanted[i] + ", got " + row[i]);
      }
      tensor.dequantize(r, memory);
      float[] copied = new float[COLUMNS];
      MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, copied, 0, COLUMNS);
      assertArrayEquals(row, copied);
    }
  }

  @ParameterizedTest
  @EnumSource(BlockFormat.class)
  void aWeightIsScaleTimesIntegerPlusMinimum(BlockFormat format) {
    byte[] bytes = Blocks.random(new Dice(7, format.id()), format, ROWS, COLUMNS);
    BlockTensor tensor = Blocks.tensor(format, ROWS, COLUMNS, bytes);
    int size = format.groupSize();
    byte[] integers = new byte[size + 3];
    float[] row = new float[COLUMNS];
    for (int r = 0; r < ROWS; r++) {
      tensor.dequantize(r, row);
      for (int group = 0; group < tensor.groups(); group++) {
        tensor.integers(r, group, integers, 3);
        for (int i = 0; i < size; i++) {
          double exact = (double) tensor.scale(r, group) * integers[i + 3];
          assertEquals((float) exact, exact, "the product is exact");
          assertTrue(row[group * size + i] == (float) exact + tensor.minimum(r, group));
        }
      }
    }
  }

  @Test
  void sizesAreThoseOfTheFormats() {
    assertEquals(4.5, BlockFormat.Q4_0.bitsPerWeight());
    assertEquals(6.5625, BlockFormat.Q6_K.bitsPerWeight());
    assertEquals(4.25, BlockFormat.MXFP4.bitsPerWeight());
    BlockTensor experts = BlockTensor.of(BlockFormat.MXFP4, Shape.of(3, 5, 64),
        MemorySegment.ofArray(new byte[3 * 5 * 34 + 7]));
    assertEquals(15, experts.rows());
    assertEquals(64, experts.columns());
    assertEquals(2, experts.groups());
    assertEquals(510, experts.data().byteSize());
    assertTrue(experts.data().isReadOnly());
    assertEquals("MXFP4 [3, 5, 64]", experts.toString());
  }

  @Test
  void whatDoesNotFitIsRefused() {
    MemorySegment bytes = MemorySegment.ofArray(new byte[1000]);
    assertMessage("shape: expected an innermost dimension of whole blocks of 256 for Q4_K, got [2, 128]",
        () -> BlockTensor.of(BlockFormat.Q4_K, Shape.of(2, 128), bytes));
    assertMessage("data: expected 10 blocks of 144 bytes for Q4_K [10, 256], got 1000 bytes",
        () -> BlockTensor.of(BlockFormat.Q4_K, Shape.of(10, 256), bytes));
    assertMessage(
        "data: expected 288230376118157312 blocks of 34 bytes for Q8_0 [8589934591, 1073741824], got 1000 "
            + "bytes",
        () -> BlockTensor.of(BlockFormat.Q8_0, Shape.of((1L << 33) - 1, 1L << 30), bytes));
    assertMessage("shape: expected an innermost dimension of whole blocks of 32 for Q8_0, got []",
        () -> BlockTensor.of(BlockFormat.Q8_0, Shape.of(), bytes));
    BlockTensor tensor = BlockTensor.of(BlockFormat.Q8_0, Shape.of(2, 64), bytes);
    assertMessage("dst: expected 64 floats, got 63", () -> tensor.dequantize(0, new float[63]));
    assertMessage("dst: expected 64 floats that can be written, got 255 bytes",
        () -> tensor.dequantize(0, MemorySegment.ofArray(new byte[255])));
    assertMessage("dst: expected 64 floats that can be written, got 256 bytes, read-only",
        () -> tensor.dequantize(0, MemorySegment.ofArray(new byte[256]).asReadOnly()));
    assertThrows(IndexOutOfBoundsException.class, () -> tensor.dequantize(2, new float[64]));
    assertThrows(IndexOutOfBoundsException.class, () -> tensor.dequantize(2, new float[65], 1));
    assertThrows(IndexOutOfBoundsException.class, () -> tensor.dequantize(0, new float[65], 2));
    assertThrows(IndexOutOfBoundsException.class, () -> tensor.dequantize(0, new float[65], -1));
    assertThrows(IndexOutOfBoundsException.class, () -> tensor.scale(0, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> tensor.minimum(-1, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> tensor.integers(0, 0, new byte[32], 1));
  }

  @ParameterizedTest
  @EnumSource(BlockFormat.class)
  void matricesOfAStack(BlockFormat format) {
    int k = 2 * format.elements();
    byte[] bytes = Blocks.random(new Dice(11, format.id()), format, 12, k);
    BlockTensor stack = BlockTensor.of(format, Shape.of(3, 4, k), MemorySegment.ofArray(bytes));
    float[] expected = new float[k];
    float[] row = new float[k];
    for (int i = 0; i < 3; i++) {
      BlockTensor matrix = stack.matrix(i);
      assertEquals(Shape.of(4, k), matrix.shape());
      assertEquals(format, matrix.format());
      for (int r = 0; r < 4; r++) {
        matrix.dequantize(r, row);
        stack.dequantize(4L * i + r, expected);
        assertArrayEquals(expected, row);
        float[] behind = new float[k + 5];
        matrix.dequantize(r, behind, 3);
        assertArrayEquals(expected, Arrays.copyOfRange(behind, 3, k + 3));
        assertEquals(0, behind[2]);
        assertEquals(0, behind[k + 3]);
      }
    }
    assertEquals("Index 3 out of bounds for length 3",
        assertThrows(IndexOutOfBoundsException.class, () -> stack.matrix(3)).getMessage());
    assertThrows(IndexOutOfBoundsException.class, () -> stack.matrix(-1));
    assertMessage("shape: expected a stack of matrices [experts][N][K], got [4, " + k + "]",
        () -> stack.matrix(0).matrix(0));
  }

  private static void assertMessage(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
