package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.op.DynamicQuantize;
import java.util.List;

/** Real numbers to U8 with parameters of their own, per row or per tensor. */
final class DynamicQuantizeCase extends OpCase<DynamicQuantize> {
  private final boolean perRow;
  private final int rows;
  private final int columns;
  private final float[] x;

  DynamicQuantizeCase(Dice dice) {
    this.perRow = dice.oneIn(2);
    this.rows = dice.oneIn(24) ? 0 : dice.between(1, 9);
    this.columns = dice.size(3000);
    this.x = dice.reals(rows, columns);
  }

  @Override
  DynamicQuantize prepare(Octet octet, Memory memory) {
    DynamicQuantize.Builder builder = octet.dynamicQuantize();
    return (perRow ? builder.perRow() : builder.perTensor()).prepare();
  }

  @Override
  List<Output> run(DynamicQuantize op, Memory memory) {
    Shape parameters = Shape.of(perRow ? rows : 1);
    Output y = memory.result("y", DataType.U8, Shape.of(rows, columns));
    Output scales = memory.result("scales", DataType.F32, parameters);
    Output zeroPoints = memory.result("zeroPoints", DataType.S32, parameters);
    op.run(memory.of(x), y.data(), scales.data(), zeroPoints.data(), rows, columns);
    return List.of(scales, zeroPoints, y);
  }

  @Override
  public String toString() {
    return "dynamicQuantize [" + rows + ", " + columns + "] " + (perRow ? "per row" : "per tensor");
  }
}
