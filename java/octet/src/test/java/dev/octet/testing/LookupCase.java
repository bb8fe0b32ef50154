package dev.octet.testing;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.op.Activation;
import dev.octet.op.Lookup;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Map;
import java.util.function.IntSupplier;

/** A function of 8-bit values, or their requantization to other 8-bit values. */
final class LookupCase implements OpCase {
  final Tensor x;
  final Quantization input;
  final DataType type;
  final Quantization output;
  /** Null: requantize. */
  final Activation activation;
  boolean inPlace;

  LookupCase(Tensor x, Quantization input, DataType type, Quantization output, Activation activation) {
    this.x = x;
    this.input = input;
    this.type = type;
    this.output = output;
    this.activation = activation;
  }

  static LookupCase random(Dice dice, IntSupplier size, boolean requantize) {
    DataType from = dice.pick(DataType.U8, DataType.S8);
    DataType to = dice.pick(DataType.U8, DataType.S8);
    float scale = dice.scale();
    LookupCase c = new LookupCase(dice.fill(Tensor.zeros(from, size.getAsInt())),
        Quantization.perTensor(scale, dice.zeroPoint(from)), to,
        Quantization.perTensor(scale * dice.pick(1f, 0.5f, 2f, dice.between(0.1f, 10f)), dice.zeroPoint(to)),
        requantize ? null : dice.pick(Activation.values()));
    c.inPlace = dice.oneIn(2);
    return c;
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    Octet octet = subject.octet();
    MemorySegment xs = x.copyTo(memory).data();
    MemorySegment ys = inPlace ? xs : Operands.memory(memory, x.elements());
    try (Lookup op = subject.check(activation == null
        ? octet.requantize(x.type(), input, type, output)
        : octet.lookup(x.type(), input, type, output, activation))) {
      op.run(xs, ys, x.elements());
    }
    return Map.of("y", new Tensor(type, x.shape(), ys));
  }

  @Override
  public String describe() {
    return (activation == null ? "requantize " : "lookup " + activation + " ") + x + " " + input + " to "
        + type + " "
        + output + (inPlace ? ", in place" : "");
  }

  @Override
  public String explain(String result, long index) {
    return "input " + x.get(index);
  }
}
