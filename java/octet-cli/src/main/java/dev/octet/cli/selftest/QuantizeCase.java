package dev.octet.cli.selftest;

import dev.octet.Octet;
import dev.octet.op.Quantize;
import java.util.List;

/** Real numbers to integers: many exactly between two, some beyond the range, some no numbers. */
final class QuantizeCase extends OpCase<Quantize> {
  private final Parameters to;
  private final float[] x;

  QuantizeCase(Dice dice) {
    this.to = Parameters.ofActivations(dice);
    this.x = new float[(int) to.shape().elements()];
    int reach = (to.type().max() - to.type().min()) * 5 / 4;
    boolean special = dice.oneIn(8);
    for (int i = 0; i < x.length; i++) {
      float steps = dice.oneIn(3)
          ? dice.between(-2 * reach, 2 * reach) * 0.5f
          : dice.between(-reach, (float) reach);
      x[i] = special && dice.oneIn(8)
          ? dice.special()
          : steps * to.quantization().scale(to.quantization().parameterIndex(to.shape(), i));
    }
  }

  @Override
  Quantize prepare(Octet octet, Memory memory) {
    return octet.quantize().output(to.type(), to.quantization()).prepare();
  }

  @Override
  List<Output> run(Quantize op, Memory memory) {
    Output y = memory.result("y", to.type(), to.shape());
    op.run(memory.of(x), y.data(), to.shape());
    return List.of(y);
  }

  @Override
  public String toString() {
    return "quantize to " + to;
  }
}
