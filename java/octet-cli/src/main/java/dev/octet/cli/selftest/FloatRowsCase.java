package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Quantization.Granularity;
import dev.octet.op.Op;

/**
 * Float rows times fixed weights of 8 or 4 bits: what both products of this kind have in common.
 *
 * @param <O> the op
 */
abstract class FloatRowsCase<O extends Op> extends OpCase<O> {
  final FloatRows rows;
  final Weights weights;
  final Bias bias;
  /** Or null. */
  final Clamp clamp;

  /**
   * Makes a case.
   *
   * @param groups whether weights have scales per group
   * @param type of weights that have not
   */
  FloatRowsCase(Dice dice, boolean groups, DataType type) {
    int[] sizes = dice.sizes(3, 1 << 21);
    int k = sizes[1];
    int n = sizes[2];
    this.rows = FloatRows.random(dice, sizes[0], k, n);
    this.weights = groups ? Weights.perGroup(dice, k, n) : Weights.perChannel(dice, type, k, n);
    this.bias = Bias.randomReal(dice, n, Weights.unit(weights.tensor().quantization()));
    this.clamp = Clamp.random(dice, 0.1f);
  }

  final boolean perGroup() {
    return weights.tensor().quantization().granularity() == Granularity.PER_GROUP;
  }

  @Override
  public String toString() {
    return rows + ", " + weights + ", " + bias + (clamp == null ? "" : ", " + clamp);
  }
}
