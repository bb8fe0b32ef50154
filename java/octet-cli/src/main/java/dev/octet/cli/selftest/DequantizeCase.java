package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.op.Dequantize;
import java.util.List;

/** Integers to real numbers. */
final class DequantizeCase extends OpCase<Dequantize> {
  private final Parameters from;
  private final byte[] x;

  DequantizeCase(Dice dice) {
    this.from = Parameters.ofWeights(dice);
    this.x = dice.integers(from.type(), from.shape().elements());
  }

  @Override
  Dequantize prepare(Octet octet, Memory memory) {
    return octet.dequantize().input(from.type(), from.quantization()).prepare();
  }

  @Override
  List<Output> run(Dequantize op, Memory memory) {
    Output y = memory.result("y", DataType.F32, from.shape());
    op.run(memory.of(x), y.data(), from.shape());
    return List.of(y);
  }

  @Override
  public String toString() {
    return "dequantize " + from;
  }
}
