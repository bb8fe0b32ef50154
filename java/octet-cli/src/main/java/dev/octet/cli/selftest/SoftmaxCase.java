package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.op.Softmax;
import java.util.List;

/** Probabilities of rows of scores. */
final class SoftmaxCase extends OpCase<Softmax> {
  private final int rows;
  private final int columns;
  private final float scale;
  private final boolean masked;
  private final float[] x;
  private final float[] mask;

  SoftmaxCase(Dice dice) {
    this.rows = dice.oneIn(24) ? 0 : dice.between(1, 9);
    this.columns = dice.size(3000);
    this.scale = dice.pick(1f, 0.125f, dice.between(0.1f, 3f));
    this.masked = dice.oneIn(2);
    this.x = dice.reals(rows, columns);
    this.mask = dice.reals(1, columns);
  }

  @Override
  Softmax prepare(Octet octet, Memory memory) {
    return octet.softmax().scale(scale).prepare();
  }

  @Override
  List<Output> run(Softmax op, Memory memory) {
    Output y = memory.result("y", DataType.F32, Shape.of(rows, columns));
    if (masked) {
      op.run(memory.of(x), memory.of(mask), y.data(), rows, columns);
    } else {
      op.run(memory.of(x), y.data(), rows, columns);
    }
    return List.of(y);
  }

  @Override
  public String toString() {
    return "softmax [" + rows + ", " + columns + "] scale " + scale + (masked ? ", masked" : "");
  }
}
