package dev.octet.cli.selftest;

import dev.octet.Octet;
import dev.octet.op.DynamicMatMul;
import java.util.List;

/** Float rows, quantized on the fly, times weights in a block format. */
final class BlockMatMulCase extends OpCase<DynamicMatMul> {
  private final BlockProduct product;

  BlockMatMulCase(Dice dice) {
    this.product = BlockProduct.random(dice);
  }

  @Override
  DynamicMatMul prepare(Octet octet, Memory memory) {
    return DynamicMatMulCase.builder(octet, product.bias(), product.clamp())
        .weights(product.weights(memory.of(product.blocks()))).prepare();
  }

  @Override
  List<Output> run(DynamicMatMul op, Memory memory) {
    return product.rows().run(op::run, memory);
  }

  @Override
  public String toString() {
    return "dynamicMatMul " + product;
  }
}
