package dev.octet.testing;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.op.Concat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/** 8-bit tensors side by side. */
final class ConcatCase implements OpCase {
  final List<Tensor> inputs = new ArrayList<>();
  final List<Quantization> quantizations = new ArrayList<>();
  final int axis;
  final DataType type;
  final Quantization output;

  ConcatCase(int axis, DataType type, Quantization output) {
    this.axis = axis;
    this.type = type;
    this.output = output;
  }

  static ConcatCase random(Dice dice, IntSupplier size) {
    int rank = dice.between(1, 4);
    long[] dims = new long[rank];
    for (int a = 0; a < rank; a++) {
      dims[a] = dice.between(1, 5);
    }
    dims[dice.between(0, rank - 1)] = size.getAsInt();
    DataType type = dice.pick(DataType.U8, DataType.S8);
    float scale = dice.scale();
    ConcatCase c = new ConcatCase(dice.between(0, rank - 1), type,
        Quantization.perTensor(scale, dice.zeroPoint(type)));
    for (int i = dice.between(1, 5); i > 0; i--) {
      DataType from = dice.oneIn(3) ? dice.pick(DataType.U8, DataType.S8) : type;
      dims[c.axis] = dice.oneIn(4) ? size.getAsInt() : dice.between(1, 5);
      boolean same = dice.oneIn(3) && from == type;
      c.add(dice.fill(Tensor.zeros(from, dims)), same
          ? c.output
          : Quantization.perTensor(scale * dice.pick(1f, 0.5f, 2f, dice.between(0.1f, 10f)),
              dice.zeroPoint(from)));
    }
    return c;
  }

  ConcatCase add(Tensor input, Quantization quantization) {
    inputs.add(input);
    quantizations.add(quantization);
    return this;
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    Concat.Builder builder = subject.octet().concat().axis(axis).output(type, output);
    List<MemorySegment> segments = new ArrayList<>();
    List<Shape> shapes = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      builder.input(inputs.get(i).type(), quantizations.get(i));
      segments.add(inputs.get(i).copyTo(memory).data());
      shapes.add(inputs.get(i).shape());
    }
    try (Concat op = subject.check(builder.prepare())) {
      Shape shape = op.outputShape(shapes);
      Tensor y = new Tensor(type, shape, Operands.memory(memory, shape.elements()));
      op.run(segments, shapes, y.data());
      return Map.of("y", y);
    }
  }

  @Override
  public String describe() {
    StringBuilder text = new StringBuilder("concat on axis " + axis + " to " + type + " " + output);
    for (int i = 0; i < inputs.size(); i++) {
      text.append("\n  ").append(inputs.get(i)).append(' ').append(quantizations.get(i));
    }
    return text.toString();
  }

  @Override
  public String explain(String result, long index) {
    return "element " + index + " of the result";
  }
}
