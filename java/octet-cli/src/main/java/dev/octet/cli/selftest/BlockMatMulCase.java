package dev.octet.cli.selftest;

import dev.octet.BlockTensor;
import dev.octet.Octet;
import dev.octet.op.DynamicMatMul;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Float rows, quantized on the fly, times weights in block formats: one matrix, or two that share the rows.
 */
final class BlockMatMulCase extends OpCase<DynamicMatMul> {
  private final BlockProduct product;
  /** Rows of a second matrix, the last ones; 0 for one matrix. */
  private final int second;

  BlockMatMulCase(Dice dice) {
    this.product = BlockProduct.random(dice);
    this.second = dice.oneIn(3) ? product.rows().n() / 2 : 0;
  }

  @Override
  DynamicMatMul prepare(Octet octet, Memory memory) {
    MemorySegment blocks = memory.of(product.blocks());
    int first = product.rows().n() - second;
    BlockTensor weights = product.weights(blocks, first);
    DynamicMatMul.Builder builder = DynamicMatMulCase.builder(octet, product.bias(), product.clamp());
    if (second == 0) {
      return builder.weights(weights).prepare();
    }
    MemorySegment rest = blocks.asSlice(weights.data().byteSize());
    return builder.weights(weights, product.weights(rest, second)).prepare();
  }

  @Override
  List<Output> run(DynamicMatMul op, Memory memory) {
    return product.rows().run(op::run, memory);
  }

  @Override
  public String toString() {
    return "dynamicMatMul " + product
        + (second == 0 ? "" : ", the last " + second + " outputs of another matrix");
  }
}
