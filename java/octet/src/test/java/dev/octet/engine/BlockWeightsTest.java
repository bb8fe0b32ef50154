package dev.octet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlockWeightsTest {
  /** Packed weights that take no memory, of any size. */
  private static final WeightPack PACK = new WeightPack() {
    @Override
    public String layout() {
      return "none";
    }

    @Override
    public MemorySegment content() {
      return MemorySegment.NULL;
    }

    @Override
    public void retain() {}

    @Override
    public void release() {}
  };

  private static BlockWeights weights(int k, int n) {
    return BlockWeights.packed(PACK, BlockFormat.Q8_0, k, n);
  }

  @Test
  void weightsThatShareRowsHaveOneLengthAndFitAnInt() {
    BlockWeights.checkShared(List.of(weights(64, 1 << 30), weights(64, (1 << 30) - 1)));
    assertEquals("weights: expected at most 2^31 - 1 output features, got 2147483648",
        assertThrows(IllegalArgumentException.class,
            () -> BlockWeights.checkShared(List.of(weights(64, 1 << 30), weights(64, 1 << 30))))
            .getMessage());
    assertEquals("weights[1]: expected 64 input features, as weights[0] has, got 32",
        assertThrows(IllegalArgumentException.class,
            () -> BlockWeights.checkShared(List.of(weights(64, 1), weights(32, 1)))).getMessage());
  }
}
