package dev.octet.cli.selftest;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.Shape;
import java.lang.foreign.MemorySegment;

/**
 * Float rows that are multiplied with weights in a block format.
 *
 * @param format the format
 * @param rows the rows
 * @param blocks the weights {@code [N][K]}
 * @param bias the bias, or none
 * @param clamp or null
 */
record BlockProduct(BlockFormat format, FloatRows rows, byte[] blocks, Bias bias, Clamp clamp) {
  /** Random rows and weights. */
  static BlockProduct random(Dice dice) {
    BlockFormat format = dice.pick(BlockFormat.values());
    int k = format.elements() * dice.between(1, 1280 / format.elements());
    int n = dice.size(150);
    return new BlockProduct(format, FloatRows.random(dice, dice.size(40), k, n),
        blocks(dice, format, n * (k / format.elements())), Bias.randomReal(dice, n, 0.01f),
        Clamp.random(dice, 0.1f));
  }

  /** Any bits whose scales are numbers of some size: others are drawn again. */
  private static byte[] blocks(Dice dice, BlockFormat format, int count) {
    byte[] blocks = new byte[count * format.bytes()];
    for (int block = 0; block < count; block++) {
      MemorySegment its = MemorySegment.ofArray(blocks).asSlice((long) block * format.bytes(),
          format.bytes());
      BlockTensor tensor = BlockTensor.of(format, Shape.of(1, format.elements()), its);
      do {
        for (int i = 0; i < format.bytes(); i++) {
          blocks[block * format.bytes() + i] = (byte) dice.between(0, 255);
        }
      } while (!(Math.abs(tensor.scale(0, 0)) < 0x1p24f && Math.abs(tensor.minimum(0, 0)) < 0x1p24f));
    }
    return blocks;
  }

  /** All blocks, which memory has. */
  BlockTensor weights(MemorySegment memory) {
    return weights(memory, rows.n());
  }

  /** The blocks of so many outputs, which are at the start of memory. */
  BlockTensor weights(MemorySegment memory, int outputs) {
    return BlockTensor.of(format, Shape.of(outputs, rows.k()), memory);
  }

  @Override
  public String toString() {
    return "of " + format + " " + rows + ", " + bias + (clamp == null ? "" : ", " + clamp);
  }
}
