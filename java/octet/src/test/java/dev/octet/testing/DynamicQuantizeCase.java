package dev.octet.testing;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.U8;

import dev.octet.op.DynamicQuantize;
import java.lang.foreign.SegmentAllocator;
import java.util.Map;
import java.util.function.IntSupplier;

/** A dynamicQuantize of some rows. */
final class DynamicQuantizeCase implements OpCase {
  final boolean perRow;
  final int rows;
  final int columns;
  final Tensor x;

  DynamicQuantizeCase(boolean perRow, Tensor x) {
    this.perRow = perRow;
    this.x = x;
    this.rows = x.shape().intDim(0);
    this.columns = x.shape().intDim(1);
  }

  static DynamicQuantizeCase random(Dice dice, IntSupplier size) {
    boolean perRow = dice.oneIn(2);
    int rows = perRow ? dice.between(1, 9) : dice.between(1, 3);
    DynamicQuantizeCase c = new DynamicQuantizeCase(perRow, Tensor.zeros(F32, rows, size.getAsInt()));
    Tensor row = Tensor.zeros(F32, c.columns);
    for (int r = 0; r < rows; r++) {
      dice.fillReal(row);
      c.x.data().asSlice(4L * r * c.columns, 4L * c.columns).copyFrom(row.data());
    }
    return c;
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    DynamicQuantize.Builder builder = subject.octet().dynamicQuantize();
    int parameters = perRow ? rows : 1;
    Tensor from = x.copyTo(memory);
    Tensor y = Operands.result(memory, U8, rows, columns, 0);
    Tensor scales = Operands.result(memory, F32, 1, parameters, 0);
    Tensor zeroPoints = Operands.result(memory, S32, 1, parameters, 0);
    try (DynamicQuantize op = subject.check((perRow ? builder.perRow() : builder.perTensor()).prepare())) {
      op.run(from.data(), y.data(), scales.data(), zeroPoints.data(), rows, columns);
    }
    return Map.of("y", y, "scales", scales, "zeroPoints", zeroPoints);
  }

  @Override
  public String describe() {
    return "dynamicQuantize " + (perRow ? "per row " : "per tensor ") + x.shape();
  }

  @Override
  public String explain(String result, long index) {
    if (!result.equals("y")) {
      return perRow ? "row " + index : "the tensor";
    }
    long row = index / columns;
    float min = 0;
    float max = 0;
    for (long i = perRow ? row * columns : 0; i < (perRow ? (row + 1) * columns : x.elements()); i++) {
      min = Math.min(min, x.real(i));
      max = Math.max(max, x.real(i));
    }
    return "row " + row + ", column " + index % columns + ": input " + x.show(index) + " in " + min + " to "
        + max;
  }
}
