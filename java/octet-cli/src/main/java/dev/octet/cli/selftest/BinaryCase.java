package dev.octet.cli.selftest;

import dev.octet.BinaryOp;
import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.op.Binary;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One of the binary ops on two quantized tensors, of one shape or broadcast, in memory of its own or over an
 * operand that is not repeated.
 */
final class BinaryCase extends OpCase<Binary> {
  /** Where the result goes. */
  private enum Place {
    APART, OVER_LEFT, OVER_RIGHT
  }

  private final BinaryOp operation;
  private final DataType type;
  private final Shape shape;
  private final Shape shapeA;
  private final Shape shapeB;
  private final byte[] a;
  private final byte[] b;
  private final Quantization left;
  private final Quantization right;
  private final Quantization output;
  /** Or null. */
  private final Clamp clamp;
  private final Place place;

  BinaryCase(Dice dice) {
    this.operation = dice.pick(BinaryOp.values());
    this.type = dice.byteType();
    int n = dice.oneIn(24) ? 0 : dice.size(20_000);
    int columns = dice.oneIn(2) ? Math.max(1, n) : dice.size(100);
    this.shape = Shape.of(n / columns, columns);
    Shape repeated = dice.pick(shape, shape, Shape.of(), Shape.of(columns), Shape.of(n / columns, 1));
    boolean repeatsLeft = dice.oneIn(2);
    this.shapeA = repeatsLeft ? repeated : shape;
    this.shapeB = repeatsLeft ? shape : repeated;
    this.a = dice.integers(type, shapeA.elements());
    this.b = dice.integers(type, shapeB.elements());
    // Scales of one magnitude, or one operand would drown in the other.
    float scale = dice.scale();
    this.left = Quantization.perTensor(scale, dice.zeroPoint(type));
    this.right = Quantization.perTensor(dice.scaleNear(scale), dice.zeroPoint(type));
    float unit = switch (operation) {
      case MULTIPLY -> 64 * scale * scale;
      case DIVIDE -> 1 / 16f;
      default -> scale;
    };
    this.output = Quantization.perTensor(dice.scaleNear(unit), dice.zeroPoint(type));
    this.clamp = Clamp.random(dice, output.scale(0));
    this.place = dice.pick(Place.values());
  }

  @Override
  Binary prepare(Octet octet, Memory memory) {
    Binary.Builder builder = octet.binary(operation).left(type, left).right(type, right).output(type, output);
    if (clamp != null) {
      clamp.apply(builder::clamp);
    }
    return builder.prepare();
  }

  @Override
  List<Output> run(Binary op, Memory memory) {
    Output y = memory.result("y", type, shape);
    MemorySegment as = operand(memory, a, place == Place.OVER_LEFT, y);
    MemorySegment bs = operand(memory, b, place == Place.OVER_RIGHT, y);
    if (shapeA.equals(shapeB)) {
      op.run(as, bs, y.data(), shape.elements());
    } else {
      op.run(as, shapeA, bs, shapeB, y.data());
    }
    return List.of(y);
  }

  private static MemorySegment operand(Memory memory, byte[] bytes, boolean inPlace, Output y) {
    return inPlace && bytes.length == y.data().byteSize()
        ? y.data().copyFrom(MemorySegment.ofArray(bytes))
        : memory.of(bytes);
  }

  @Override
  public String toString() {
    return operation + " of " + type + " " + shapeA + " and " + shapeB + ", left " + left + ", right " + right
        + ", output " + output + ", " + (clamp == null ? "" : clamp + ", ") + place;
  }
}
