package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.op.Concat;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** 8-bit tensors side by side, of one or several parameters. */
final class ConcatCase extends OpCase<Concat> {
  private record Input(DataType type, Quantization quantization, Shape shape, byte[] data) {
    @Override
    public String toString() {
      return type + " " + shape + " " + quantization;
    }
  }

  private final int axis;
  private final DataType type;
  private final Quantization output;
  private final List<Input> inputs = new ArrayList<>();

  ConcatCase(Dice dice) {
    int rank = dice.between(1, 4);
    long[] dims = new long[rank];
    for (int a = 0; a < rank; a++) {
      dims[a] = dice.between(1, 5);
    }
    dims[dice.between(0, rank - 1)] = dice.size(300);
    this.axis = dice.between(0, rank - 1);
    this.type = dice.byteType();
    float scale = dice.scale();
    this.output = Quantization.perTensor(scale, dice.zeroPoint(type));
    for (int i = dice.between(1, 5); i > 0; i--) {
      dims[axis] = dice.oneIn(4) ? dice.size(300) : dice.between(0, 5);
      DataType from = dice.oneIn(3) ? dice.byteType() : type;
      Shape shape = Shape.of(dims);
      inputs.add(new Input(from, dice.oneIn(3) && from == type
          ? output
          : Quantization.perTensor(dice.scaleNear(scale), dice.zeroPoint(from)), shape,
          dice.integers(from, shape.elements())));
    }
  }

  @Override
  Concat prepare(Octet octet, Memory memory) {
    Concat.Builder builder = octet.concat().axis(axis).output(type, output);
    inputs.forEach(input -> builder.input(input.type, input.quantization));
    return builder.prepare();
  }

  @Override
  List<Output> run(Concat op, Memory memory) {
    List<Shape> shapes = inputs.stream().map(Input::shape).toList();
    List<MemorySegment> data = inputs.stream().map(input -> memory.of(input.data)).toList();
    Output y = memory.result("y", type, op.outputShape(shapes));
    op.run(data, shapes, y.data());
    return List.of(y);
  }

  @Override
  public String toString() {
    return "concat on axis " + axis + " to " + type + " " + output + " of "
        + inputs.stream().map(Input::toString).collect(Collectors.joining(", "));
  }
}
