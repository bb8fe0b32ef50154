package dev.octet.cli.selftest;

import dev.octet.Octet;
import dev.octet.op.DynamicMatMul;
import java.util.List;

/** Float rows, quantized on the fly, times weights per channel or per group. */
final class DynamicMatMulCase extends FloatRowsCase<DynamicMatMul> {
  private final boolean packed;
  private final boolean perTensor;

  /** Packed: the weights come from a file that the engine wrote and mapped. */
  DynamicMatMulCase(Dice dice, boolean packed) {
    super(dice, dice.oneIn(2), dice.byteType());
    this.packed = packed;
    this.perTensor = !perGroup() && dice.oneIn(2);
  }

  @Override
  DynamicMatMul prepare(Octet octet, Memory memory) {
    DynamicMatMul.Builder builder = builder(octet);
    if (packed) {
      return PackedFile.of(octet, weights, memory, file -> builder.weights(file).prepare());
    }
    return builder.weights(weights.in(memory), weights.layout()).prepare();
  }

  /** SCALAR packs nothing. */
  @Override
  DynamicMatMul prepareReference(Octet scalar, Memory memory) {
    return builder(scalar).weights(weights.in(memory), weights.layout()).prepare();
  }

  private DynamicMatMul.Builder builder(Octet octet) {
    DynamicMatMul.Builder builder = builder(octet, bias, clamp);
    return perTensor ? builder.perTensor() : builder;
  }

  /** A builder with bias and clamp, of which each may be none. */
  static DynamicMatMul.Builder builder(Octet octet, Bias bias, Clamp clamp) {
    DynamicMatMul.Builder builder = octet.dynamicMatMul();
    if (bias.floats() != null) {
      builder.bias(bias.floats());
    }
    if (clamp != null) {
      clamp.apply(builder::clamp);
    }
    return builder;
  }

  @Override
  List<Output> run(DynamicMatMul op, Memory memory) {
    return rows.run(op::run, memory);
  }

  @Override
  public String toString() {
    return "dynamicMatMul " + super.toString() + (perTensor ? ", one scale of all rows" : "")
        + (packed ? ", weights from a file" : "");
  }
}
