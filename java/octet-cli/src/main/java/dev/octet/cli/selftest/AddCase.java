package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.op.Add;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A sum of two quantized tensors, in memory of its own or over an operand. */
final class AddCase extends OpCase<Add> {
  /** Where the sum goes. */
  private enum Place {
    APART, OVER_LEFT, OVER_RIGHT
  }

  private final DataType type;
  private final int n;
  private final byte[] a;
  private final byte[] b;
  private final Quantization left;
  private final Quantization right;
  private final Quantization output;
  /** Or null. */
  private final Clamp clamp;
  private final Place place;

  AddCase(Dice dice) {
    this.type = dice.byteType();
    this.n = dice.oneIn(24) ? 0 : dice.size(20_000);
    this.a = dice.integers(type, n);
    this.b = dice.integers(type, n);
    // Scales of one magnitude, or one operand would drown in the other.
    float scale = dice.scale();
    this.left = Quantization.perTensor(scale, dice.zeroPoint(type));
    this.right = Quantization.perTensor(dice.scaleNear(scale), dice.zeroPoint(type));
    this.output = Quantization.perTensor(dice.scaleNear(scale), dice.zeroPoint(type));
    this.clamp = Clamp.random(dice, output.scale(0));
    this.place = dice.pick(Place.values());
  }

  @Override
  Add prepare(Octet octet, Memory memory) {
    Add.Builder builder = octet.add().left(type, left).right(type, right).output(type, output);
    if (clamp != null) {
      clamp.apply(builder::clamp);
    }
    return builder.prepare();
  }

  @Override
  List<Output> run(Add op, Memory memory) {
    Output y = memory.result("y", type, Shape.of(n));
    MemorySegment as = place == Place.OVER_LEFT
        ? y.data().copyFrom(MemorySegment.ofArray(a))
        : memory.of(a);
    MemorySegment bs = place == Place.OVER_RIGHT
        ? y.data().copyFrom(MemorySegment.ofArray(b))
        : memory.of(b);
    op.run(as, bs, y.data(), n);
    return List.of(y);
  }

  @Override
  public String toString() {
    return "add " + n + " " + type + ", left " + left + ", right " + right + ", output " + output + ", "
        + (clamp == null ? "" : clamp + ", ") + place;
  }
}
