package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.op.WeightOnlyMatMul;
import java.util.List;

/**
 * Float rows times weights in float arithmetic. The order of summation is free, so that no engine must give
 * the bits of another one: the law is a bound around the exact sum.
 */
final class WeightOnlyMatMulCase extends FloatRowsCase<WeightOnlyMatMul> {
  WeightOnlyMatMulCase(Dice dice) {
    super(dice, dice.oneIn(2), DataType.S8);
  }

  @Override
  WeightOnlyMatMul prepare(Octet octet, Memory memory) {
    WeightOnlyMatMul.Builder builder = octet.weightOnlyMatMul().weights(weights.in(memory), weights.layout());
    if (bias.floats() != null) {
      builder.bias(bias.floats());
    }
    if (clamp != null) {
      clamp.apply(builder::clamp);
    }
    return builder.prepare();
  }

  @Override
  List<Output> run(WeightOnlyMatMul op, Memory memory) {
    return rows.run(op::run, memory);
  }

  /** Within {@code K * 2^-23 * sum(|x * w|)} of the sum, and half a unit in the last place for the bias. */
  @Override
  boolean agrees(Output expected, Output actual, long index) {
    int k = rows.k();
    int row = (int) (index / rows.yStride());
    int column = (int) (index % rows.yStride());
    if (column >= rows.n() || expected.same(actual, index)) {
      return expected.same(actual, index);
    }
    double sum = 0;
    double magnitude = 0;
    for (int i = 0; i < k; i++) {
      double product = (double) rows.x()[row * k + i] * weights.real(i, column);
      sum += product;
      magnitude += Math.abs(product);
    }
    double bound = k * 0x1p-23 * magnitude;
    if (bias.floats() != null) {
      sum += bias.floats()[column];
      bound += (Math.abs(sum) + bound) * 0x1p-24;
    }
    double right = clamp == null ? sum : clamp.of(sum);
    // Denormals have no relative precision: each operation may lose half of the smallest one.
    return Math.abs(actual.real(index) - right) <= bound + k * (double) Float.MIN_VALUE;
  }

  @Override
  public String toString() {
    return "weightOnlyMatMul " + super.toString();
  }
}
