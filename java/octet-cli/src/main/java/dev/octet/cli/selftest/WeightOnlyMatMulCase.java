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
    return builder(octet, bias, clamp).weights(weights.in(memory), weights.layout()).prepare();
  }

  /** A builder with bias and clamp, where there are any. */
  static WeightOnlyMatMul.Builder builder(Octet octet, Bias bias, Clamp clamp) {
    WeightOnlyMatMul.Builder builder = octet.weightOnlyMatMul();
    if (bias.floats() != null) {
      builder.bias(bias.floats());
    }
    if (clamp != null) {
      clamp.apply(builder::clamp);
    }
    return builder;
  }

  @Override
  List<Output> run(WeightOnlyMatMul op, Memory memory) {
    return rows.run(op::run, memory);
  }

  @Override
  boolean agrees(Output expected, Output actual, long index) {
    int column = (int) (index % rows.yStride());
    return rows.isWithinBound(expected, actual, index, bias, clamp, i -> weights.real(i, column),
        i -> Math.abs(weights.real(i, column)));
  }

  @Override
  public String toString() {
    return "weightOnlyMatMul " + super.toString();
  }
}
