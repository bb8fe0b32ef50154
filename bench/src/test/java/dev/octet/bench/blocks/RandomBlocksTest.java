package dev.octet.bench.blocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RandomBlocksTest {
  private static final int COLUMNS = 1 << 16;

  private static float[] row(BlockFormat format, RandomBlocks.Scales scales) {
    MemorySegment blocks = MemorySegment.ofArray(new byte[(int) Ggml.bytes(format, COLUMNS)]);
    RandomBlocks.fill(format, blocks, scales, new Random(7));
    float[] row = new float[COLUMNS];
    BlockTensor.of(format, Shape.of(1, COLUMNS), blocks).dequantize(0, row);
    return row;
  }

  @ParameterizedTest
  @EnumSource
  void alikeAreOfOneMagnitude(BlockFormat format) {
    double sum = 0;
    for (float value : row(format, RandomBlocks.Scales.ALIKE)) {
      assertTrue(Math.abs(value) < 200, format + ": " + value);
      sum += value * value;
    }
    double size = Math.sqrt(sum / COLUMNS);
    assertTrue(size > 0.01 && size < 50, format + ": " + size);
  }

  @ParameterizedTest
  @EnumSource
  void anyScaleButNotANumber(BlockFormat format) {
    float largest = 0;
    for (float value : row(format, RandomBlocks.Scales.ANY_FINITE)) {
      assertFalse(Float.isNaN(value), format.toString());
      largest = Math.max(largest, Math.abs(value));
    }
    assertTrue(largest > 1000, format + ": " + largest);
  }

  @ParameterizedTest
  @EnumSource
  void bytesOfARow(BlockFormat format) {
    assertEquals((long) (format.bitsPerWeight() / 8 * COLUMNS), Ggml.bytes(format, COLUMNS));
  }
}
