package dev.octet.testing;

import dev.octet.BinaryOp;
import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.op.Binary;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;

/** Binary ops on two quantized tensors, one after the other; a result has the name of its op. */
final class BinaryCase implements OpCase {
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
  /** Of the sums; those of products and quotients are scaled by what those come to. */
  final Quantization output;
  Set<BinaryOp> ops = EnumSet.allOf(BinaryOp.class);
  /** Whether the run is told the shapes, which broadcasts them. */
  boolean shaped;
  Place place = Place.APART;
  /** Of a clamp, in steps of the output. */
  float minSteps = Float.NEGATIVE_INFINITY;
  float maxSteps = Float.POSITIVE_INFINITY;

  BinaryCase(Tensor a, Tensor b, Quantization left, Quantization right, Quantization output) {
    this.a = a;
    this.b = b;
    this.left = left;
    this.right = right;
    this.output = output;
  }

  /** Without clamp; operands of one shape, or broadcast. */
  static BinaryCase random(Dice dice, IntSupplier size) {
    DataType type = dice.pick(DataType.U8, DataType.S8);
    int n = size.getAsInt();
    boolean shaped = dice.oneIn(2);
    long[] aShape = {n};
    long[] bShape = {n};
    if (shaped) {
      int rank = dice.between(0, 4);
      aShape = new long[dice.oneIn(2) ? rank : dice.between(0, rank)];
      bShape = new long[aShape.length == rank ? dice.between(0, rank) : rank];
      for (int axis = 0; axis < rank; axis++) {
        int length = axis == 0 ? n : dice.between(1, 5);
        set(aShape, axis, dice.oneIn(3) ? 1 : length);
        set(bShape, axis, dice.oneIn(3) ? 1 : length);
      }
    }
    float scale = dice.scale();
    // Scales of one magnitude, or one operand would drown in the other.
    BinaryCase c = new BinaryCase(dice.fill(Tensor.zeros(type, aShape)),
        dice.fill(Tensor.zeros(type, bShape)), Quantization.perTensor(scale, dice.zeroPoint(type)),
        Quantization.perTensor(scale * dice.pick(1f, 0.5f, 2f, dice.between(0.1f, 10f)),
            dice.zeroPoint(type)),
        Quantization.perTensor(scale * dice.pick(1f, 0.5f, 2f, dice.between(0.3f, 8f)),
            dice.zeroPoint(type)));
    c.shaped = shaped;
    c.place = dice.pick(Place.values());
    return c;
  }

  /** Sets a length, axis 0 being the innermost. */
  private static void set(long[] shape, int axis, int length) {
    if (axis < shape.length) {
      shape[shape.length - 1 - axis] = length;
    }
  }

  /** With a clamp or not. */
  BinaryCase randomClamp(Dice dice) {
    if (dice.oneIn(2)) {
      minSteps = dice.between(-150, 0);
      maxSteps = minSteps + dice.between(0, 200);
    }
    return this;
  }

  /** With one of the ops alone. */
  BinaryCase only(BinaryOp op) {
    ops = EnumSet.of(op);
    return this;
  }

  /** The output of an op, in which its results are neither all 0 nor all saturated; powers of two stay. */
  Quantization output(BinaryOp op) {
    float sa = left.scale(0);
    float sb = right.scale(0);
    float sy = output.scale(0);
    float scale = switch (op) {
      case MULTIPLY -> sb * sy * 64;
      case DIVIDE -> sa / sb * (sy / sa) / 16;
      default -> sy;
    };
    return Quantization.perTensor(scale, output.zeroPoint(0));
  }

  private Shape shape() {
    int rank = Math.max(a.shape().rank(), b.shape().rank());
    long[] dims = new long[rank];
    for (int axis = 0; axis < rank; axis++) {
      dims[rank - 1 - axis] = Math.max(fromInside(a.shape(), axis), fromInside(b.shape(), axis));
    }
    return Shape.of(dims);
  }

  private static long fromInside(Shape shape, int axis) {
    int index = shape.rank() - 1 - axis;
    return index < 0 ? 1 : shape.dim(index);
  }

  /** The element of an operand that belongs to one of the result. */
  private static int element(Tensor operand, Shape result, long index) {
    long[] position = result.position(index);
    Shape shape = operand.shape();
    long at = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      long length = shape.dim(axis);
      at = at * length + (length == 1 ? 0 : position[position.length - shape.rank() + axis]);
    }
    return operand.get(at);
  }

  /** The first operand with every element that the result has. */
  Tensor expandedLeft() {
    Shape shape = shape();
    Tensor expanded = Tensor.zeros(a.type(), shape.toArray());
    for (long i = 0; i < shape.elements(); i++) {
      expanded.set(i, element(a, shape, i));
    }
    return expanded;
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    Map<String, Tensor> results = new LinkedHashMap<>();
    for (BinaryOp op : ops) {
      results.put(op.name(), run(op, subject, memory));
    }
    return results;
  }

  private Tensor run(BinaryOp op, Subject subject, SegmentAllocator memory) {
    Quantization to = output(op);
    Binary.Builder builder = subject.octet().binary(op).left(a.type(), left).right(a.type(), right)
        .output(a.type(), to);
    if (minSteps != Float.NEGATIVE_INFINITY) {
      builder.clamp(minSteps * to.scale(0), maxSteps * to.scale(0));
    }
    Shape shape = shape();
    MemorySegment as = a.copyTo(memory).data();
    MemorySegment bs = b.copyTo(memory).data();
    MemorySegment ys = place == Place.OVER_A && a.elements() == shape.elements()
        ? as
        : place == Place.OVER_B && b.elements() == shape.elements()
            ? bs
            : Operands.memory(memory, shape.elements());
    try (Binary prepared = subject.check(builder.prepare())) {
      if (shaped) {
        prepared.run(as, a.shape(), bs, b.shape(), ys);
      } else {
        prepared.run(as, bs, ys, a.elements());
      }
    }
    return new Tensor(a.type(), shape, ys);
  }

  @Override
  public Map<String, Tensor> law() {
    Map<String, Tensor> results = new LinkedHashMap<>();
    Shape shape = shape();
    for (BinaryOp op : ops) {
      Tensor y = Tensor.zeros(a.type(), shape.toArray());
      for (long i = 0; i < shape.elements(); i++) {
        y.set(i, law(op, element(a, shape, i), element(b, shape, i)));
      }
      results.put(op.name(), y);
    }
    return results;
  }

  private int law(BinaryOp op, int qa, int qb) {
    float sa = left.scale(0);
    float sb = right.scale(0);
    int za = left.zeroPoint(0);
    int zb = right.zeroPoint(0);
    float sy = output(op).scale(0);
    int zy = output.zeroPoint(0);
    Law.Output to = new Law.Output(a.type(), sy, zy, minSteps * sy, maxSteps * sy);
    float real = (qa - za) * sa;
    float other = (qb - zb) * sb;
    return switch (op) {
      case ADD -> to.saturate(Math.rint(sum(sa / sy, sb / sy, qa, qb)));
      case SUBTRACT -> to.saturate(Math.rint(sum(sa / sy, -sb / sy, qa, qb)));
      case MULTIPLY -> {
        float scaled = (qa - za) * (qb - zb) * (sa * sb / sy);
        yield to.saturate(Math.rint(scaled + zy));
      }
      case MAXIMUM -> to.saturate(Math.rint(Math.max(real, other) / sy) + zy);
      case MINIMUM -> to.saturate(Math.rint(Math.min(real, other) / sy) + zy);
      case DIVIDE -> {
        double quotient = (qa - za) * (double) sa / ((qb - zb) * (double) sb);
        yield to.saturate(
            Double.isNaN(quotient) ? Double.NEGATIVE_INFINITY : Math.rint(quotient / sy) + zy);
      }
    };
  }

  /** Holds the zero point of the result. */
  private float sum(float ra, float rb, int qa, int qb) {
    float fixed = output.zeroPoint(0) - Math.fma(ra, left.zeroPoint(0), rb * right.zeroPoint(0));
    return Math.fma(ra, qa, Math.fma(rb, qb, fixed));
  }

  @Override
  public String describe() {
    return ops + " " + a + " and " + b + (shaped ? " by shapes" : "") + ", result " + place + ", left " + left
        + ", right " + right + ", output " + output + ", clamp " + minSteps + " to " + maxSteps + " steps";
  }

  @Override
  public String explain(String result, long index) {
    return result + ": a " + element(a, shape(), index) + ", b " + element(b, shape(), index) + ", output "
        + output(BinaryOp.valueOf(result));
  }
}
