package dev.octet.cli.selftest;

import dev.octet.BlockTensor;
import dev.octet.Octet;
import dev.octet.op.WeightOnlyMatMul;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Float rows times weights in a block format, in float arithmetic. */
final class BlockWeightOnlyCase extends OpCase<WeightOnlyMatMul> {
  private final BlockProduct product;

  BlockWeightOnlyCase(Dice dice) {
    this.product = BlockProduct.random(dice);
  }

  @Override
  WeightOnlyMatMul prepare(Octet octet, Memory memory) {
    return WeightOnlyMatMulCase.builder(octet, product.bias(), product.clamp())
        .weights(product.weights(memory.of(product.blocks()))).prepare();
  }

  @Override
  List<Output> run(WeightOnlyMatMul op, Memory memory) {
    return product.rows().run(op::run, memory);
  }

  /** A minimum may be multiplied by the sum of a group: it counts apart from the rest of a weight. */
  @Override
  boolean agrees(Output expected, Output actual, long index) {
    FloatRows rows = product.rows();
    BlockTensor tensor = product.weights(MemorySegment.ofArray(product.blocks()));
    float[] weights = new float[rows.k()];
    int column = (int) (index % rows.yStride());
    if (column < rows.n()) {
      tensor.dequantize(column, weights);
    }
    return rows.isWithinBound(expected, actual, index, product.bias(), product.clamp(), i -> weights[i],
        i -> {
          double minimum = tensor.minimum(column, i / product.format().groupSize());
          return Math.abs(weights[i] - minimum) + Math.abs(minimum);
        });
  }

  @Override
  public String toString() {
    return "weightOnlyMatMul " + product;
  }
}
