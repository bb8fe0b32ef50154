package dev.octet.testing;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.op.Add;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Map;
import java.util.function.IntSupplier;

/** A sum of two quantized tensors. */
final class AddCase implements OpCase {
  /** Where the result goes. */
  enum Place {
    /** Memory of its own. */
    APART,
    /** Over the first operand. */
    OVER_A,
    /** Over the second operand. */
    OVER_B
  }

  final Tensor a;
  final Tensor b;
  final Quantization left;
  final Quantization right;
  final Quantization output;
  Place place = Place.APART;
  float min = Float.NEGATIVE_INFINITY;
  float max = Float.POSITIVE_INFINITY;

  AddCase(Tensor a, Tensor b, Quantization left, Quantization right, Quantization output) {
    this.a = a;
    this.b = b;
    this.left = left;
    this.right = right;
    this.output = output;
  }

  /** Without clamp. */
  static AddCase random(Dice dice, IntSupplier size) {
    DataType type = dice.pick(DataType.U8, DataType.S8);
    int n = size.getAsInt();
    float scale = dice.scale();
    // Scales of one magnitude, or one operand would drown in the other.
    AddCase c = new AddCase(dice.fill(Tensor.zeros(type, n)), dice.fill(Tensor.zeros(type, n)),
        Quantization.perTensor(scale, dice.zeroPoint(type)),
        Quantization.perTensor(scale * dice.pick(1f, 0.5f, 2f, dice.between(0.1f, 10f)),
            dice.zeroPoint(type)),
        Quantization.perTensor(scale * dice.pick(1f, 0.5f, 2f, dice.between(0.3f, 8f)),
            dice.zeroPoint(type)));
    c.place = dice.pick(Place.values());
    return c;
  }

  /** With a clamp or not. */
  AddCase randomClamp(Dice dice) {
    if (dice.oneIn(2)) {
      min = dice.between(-150, 0) * output.scale(0);
      max = min + dice.between(0, 200) * output.scale(0);
    }
    return this;
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    Add.Builder builder = subject.octet().add().left(a.type(), left).right(b.type(), right).output(a.type(),
        output);
    if (min != Float.NEGATIVE_INFINITY) {
      builder.clamp(min, max);
    }
    MemorySegment as = a.copyTo(memory).data();
    MemorySegment bs = b.copyTo(memory).data();
    MemorySegment ys = switch (place) {
      case APART -> Operands.memory(memory, a.elements());
      case OVER_A -> as;
      case OVER_B -> bs;
    };
    try (Add op = subject.check(builder.prepare())) {
      op.run(as, bs, ys, a.elements());
    }
    return Map.of("y", new Tensor(a.type(), a.shape(), ys));
  }

  @Override
  public Map<String, Tensor> law() {
    float sy = output.scale(0);
    int zy = output.zeroPoint(0);
    float ra = left.scale(0) / sy;
    float rb = right.scale(0) / sy;
    float fixed = zy - Math.fma(ra, left.zeroPoint(0), rb * right.zeroPoint(0));
    // The zero point is inside of the sum already.
    Law.Output bounds = new Law.Output(a.type(), sy, zy, min, max);
    Tensor y = Tensor.zeros(a.type(), a.elements());
    for (int i = 0; i < y.elements(); i++) {
      float sum = Math.fma(ra, a.get(i), Math.fma(rb, b.get(i), fixed));
      y.set(i, bounds.saturate(Math.rint(sum)));
    }
    return Map.of("y", y);
  }

  @Override
  public String describe() {
    return "add " + a + ", result " + place + ", left " + left + ", right " + right + ", output " + output
        + ", clamp " + min + " to " + max;
  }

  @Override
  public String explain(String result, long index) {
    return "a " + a.get(index) + ", b " + b.get(index);
  }
}
