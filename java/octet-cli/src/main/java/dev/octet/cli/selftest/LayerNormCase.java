package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.op.LayerNorm;
import java.util.List;

/** Rows of mean 0 and variance 1, times weights. */
final class LayerNormCase extends OpCase<LayerNorm> {
  private final int rows;
  private final int columns;
  private final boolean added;
  private final float[] x;
  private final float[] residual;
  private final float[] weights;
  private final float[] bias;

  LayerNormCase(Dice dice) {
    this.rows = dice.oneIn(24) ? 0 : dice.between(1, 9);
    this.columns = dice.size(3000);
    this.added = dice.oneIn(2);
    this.x = dice.reals(rows, columns);
    this.residual = dice.reals(rows, columns);
    this.weights = dice.reals(1, columns);
    this.bias = dice.reals(1, columns);
  }

  @Override
  LayerNorm prepare(Octet octet, Memory memory) {
    return octet.layerNorm().weights(weights).bias(bias).prepare();
  }

  @Override
  List<Output> run(LayerNorm op, Memory memory) {
    Output y = memory.result("y", DataType.F32, Shape.of(rows, columns));
    if (added) {
      op.run(memory.of(x), memory.of(residual), y.data(), rows);
    } else {
      op.run(memory.of(x), y.data(), rows);
    }
    return List.of(y);
  }

  @Override
  public String toString() {
    return "layerNorm [" + rows + ", " + columns + "]" + (added ? " with a residual" : "");
  }
}
