package dev.octet.op;

import dev.octet.BinaryOp;
import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.BinaryKernel;
import dev.octet.engine.BinarySpec;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Objects;

/**
 * An op on two quantized tensors, element by element: a sum as a residual connection has it, a product as a
 * gate or squeeze-and-excite has it, and the others of {@link BinaryOp}. Operands have one shape, or are
 * broadcast as in ONNX. The arithmetic of each op is written in docs/numerics.md of the repository; add and
 * multiply are those of ONNX Runtime's QLinearAdd and QLinearMul.
 *
 * {@snippet :
 * Binary gate = octet.multiply().left(U8, qx).right(U8, qg).output(U8, qy).prepare();
 * gate.run(x, Shape.of(n, 56, 56, c), g, Shape.of(n, 1, 1, c), y);
 * }
 */
public final class Binary extends Op {
  private final BinaryKernel kernel;
  /** The last shapes are kept: a layer that runs on the same shapes again allocates nothing. */
  private volatile PairShapes lastShapes;

  private Binary(Prepared<BinaryKernel> prepared) {
    super(prepared);
    this.kernel = prepared.kernel();
  }

  /**
   * Works on operands of one shape.
   *
   * @param a n bytes
   * @param b n bytes; may overlap a in any way
   * @param y n bytes; the same memory as a or b, or of its own
   * @param n the number of elements, 0 or more
   * @throws IllegalArgumentException if n is negative, a segment is too small or read-only, or y overlaps an
   *         operand in part
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment a, MemorySegment b, MemorySegment y, long n) {
    Checks.notNegative("n", n);
    Checks.readable("a", a, n);
    Checks.readable("b", b, n);
    Checks.writable("y", y, n);
    Checks.sameOrDisjoint("a", a, "y", y, n);
    Checks.sameOrDisjoint("b", b, "y", y, n);
    int ticket = enter();
    try {
      kernel.run(a, b, y, n);
    } finally {
      exit(ticket);
    }
  }

  /**
   * Works on dense operands that are broadcast as in ONNX: shapes are aligned at the last axis, an axis of
   * length 1 or one that is missing is repeated.
   *
   * @param a of its shape
   * @param shapeA of any rank; a scalar has rank 0
   * @param b of its shape; may overlap a in any way
   * @param shapeB of any rank
   * @param y the result, of {@link #outputShape}; shares no byte with an operand that is repeated, and is the
   *        same memory as one that is not, or of its own
   * @throws IllegalArgumentException if the shapes do not fit each other, a segment is too small or
   *         read-only, or y overlaps an operand
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment a, Shape shapeA, MemorySegment b, Shape shapeB, MemorySegment y) {
    PairShapes shapes = shapes(shapeA, shapeB);
    long n = shapes.outputShape().elements();
    Checks.readable("a", a, shapeA.elements());
    Checks.readable("b", b, shapeB.elements());
    Checks.writable("y", y, n);
    apart("a", a, shapeA, shapes, y, n);
    apart("b", b, shapeB, shapes, y, n);
    int ticket = enter();
    try {
      if (n > 0) {
        kernel.run(a, b, y, shapes.layout());
      }
    } finally {
      exit(ticket);
    }
  }

  private static void apart(String operand, MemorySegment segment, Shape shape, PairShapes shapes,
      MemorySegment y, long n) {
    if (shapes.repeats(shape)) {
      Checks.disjoint(operand, segment, shape.elements(), "y", y, n);
    } else {
      Checks.sameOrDisjoint(operand, segment, "y", y, n);
    }
  }

  /**
   * Returns the shape of the result for operands that are broadcast.
   *
   * @param shapeA of the first operand
   * @param shapeB of the second operand
   * @return the longer one of both on each axis
   * @throws IllegalArgumentException if the shapes do not fit each other
   */
  public Shape outputShape(Shape shapeA, Shape shapeB) {
    return shapes(shapeA, shapeB).outputShape();
  }

  private PairShapes shapes(Shape shapeA, Shape shapeB) {
    Objects.requireNonNull(shapeA, "shapeA");
    Objects.requireNonNull(shapeB, "shapeB");
    PairShapes last = lastShapes;
    if (last == null || !last.isOf(shapeA, shapeB)) {
      last = new PairShapes(shapeA, shapeB);
      lastShapes = last;
    }
    return last;
  }

  /**
   * Builder for {@link Binary}; made by {@link dev.octet.Octet#binary} and by the method of each op, as
   * {@link dev.octet.Octet#add()}.
   */
  public static final class Builder {
    private final Dispatch dispatch;
    private final BinaryOp op;
    private final OutputBuilder output = new OutputBuilder();
    private ActivationSpec left;
    private ActivationSpec right;

    /**
     * For {@link dev.octet.Octet}.
     *
     * @param dispatch finds the kernel
     * @param op what is done
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch, BinaryOp op) {
      this.dispatch = dispatch;
      this.op = Objects.requireNonNull(op, "op");
    }

    /**
     * Sets the first operand.
     *
     * @param type U8 or S8
     * @param quantization per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits or the quantization does not fit
     */
    public Builder left(DataType type, Quantization quantization) {
      this.left = Operands.activation("left", type, quantization);
      return this;
    }

    /**
     * Sets the second operand.
     *
     * @param type that of the first operand
     * @param quantization per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits or the quantization does not fit
     */
    public Builder right(DataType type, Quantization quantization) {
      this.right = Operands.activation("right", type, quantization);
      return this;
    }

    /**
     * Sets the result.
     *
     * @param type that of the operands
     * @param quantization per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits or the quantization does not fit
     */
    public Builder output(DataType type, Quantization quantization) {
      output.quantized(type, quantization);
      return this;
    }

    /**
     * Clamps to 0 and above.
     *
     * @return this
     */
    public Builder relu() {
      return clamp(0, Float.POSITIVE_INFINITY);
    }

    /**
     * Clamps to 0 to 6.
     *
     * @return this
     */
    public Builder relu6() {
      return clamp(0, 6);
    }

    /**
     * Clamps the result.
     *
     * @param min the smallest result in real numbers, may be -Infinity
     * @param max the largest result in real numbers, may be Infinity
     * @return this
     * @throws IllegalArgumentException if min is greater than max or one is NaN
     */
    public Builder clamp(float min, float max) {
      output.clamp(min, max);
      return this;
    }

    /**
     * Validates, chooses engine and kernel.
     *
     * @return the op
     * @throws IllegalArgumentException if something is missing, the types differ, or scales make a number
     *         that is no normal one in binary32
     * @throws UnsupportedOperationException if no engine of this Octet offers it, with every engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public Binary prepare() {
      DataType type = Operands.given("left", left).type();
      Operands.sameType("right", Operands.given("right", right).type(), "left", type);
      Operands.sameType("output", Operands.given("output", output.type()), "left", type);
      BinarySpec spec = new BinarySpec(op, left, right, output.spec());
      ScaleRange.binary(spec);
      return new Binary(
          dispatch.prepare(op.name().toLowerCase(Locale.ROOT), backend -> backend.binary(spec)));
    }
  }
}
