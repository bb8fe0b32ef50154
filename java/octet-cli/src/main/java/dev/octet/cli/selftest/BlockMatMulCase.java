package dev.octet.cli.selftest;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.op.DynamicMatMul;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Float rows, quantized on the fly, times weights in block formats: one matrix, or two that share the rows.
 */
final class BlockMatMulCase extends OpCase<DynamicMatMul> {
  private final BlockFormat format;
  private final FloatRows rows;
  private final byte[] blocks;
  /** Rows of the second matrix, which follow those of the first; 0 for one matrix. */
  private final int second;
  private final Bias bias;
  /** Or null. */
  private final Clamp clamp;

  BlockMatMulCase(Dice dice) {
    this.format = dice.pick(BlockFormat.values());
    int k = format.elements() * dice.between(1, 1280 / format.elements());
    int n = dice.size(150);
    this.rows = FloatRows.random(dice, dice.size(40), k, n);
    this.second = dice.oneIn(3) ? n / 2 : 0;
    this.blocks = blocks(dice, format, n * (k / format.elements()));
    this.bias = Bias.randomReal(dice, n, 0.01f);
    this.clamp = Clamp.random(dice, 0.1f);
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

  @Override
  DynamicMatMul prepare(Octet octet, Memory memory) {
    MemorySegment all = memory.of(blocks);
    int first = rows.n() - second;
    BlockTensor weights = BlockTensor.of(format, Shape.of(first, rows.k()), all);
    DynamicMatMul.Builder builder = DynamicMatMulCase.builder(octet, bias, clamp);
    if (second == 0) {
      return builder.weights(weights).prepare();
    }
    return builder.weights(weights, BlockTensor.of(format, Shape.of(second, rows.k()),
        all.asSlice(weights.data().byteSize()))).prepare();
  }

  @Override
  List<Output> run(DynamicMatMul op, Memory memory) {
    return rows.run(op::run, memory);
  }

  @Override
  public String toString() {
    return "dynamicMatMul of " + format + (second == 0 ? " " : ", the last " + second + " apart, ") + rows
        + ", " + bias + (clamp == null ? "" : ", " + clamp);
  }
}
