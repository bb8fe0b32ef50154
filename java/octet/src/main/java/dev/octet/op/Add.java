package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.AddKernel;
import dev.octet.engine.AddSpec;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;

/**
 * Sum of two quantized tensors of one shape, as a residual connection has it. With {@code ra = f32(sa / sy)},
 * {@code rb = f32(sb / sy)} and {@code fixed = f32(zy - fma(ra, za, f32(rb * zb)))} the result is
 * {@code y = saturate(rint(fma(ra, a, fma(rb, b, fixed))))} in binary32. The arithmetic is that of ONNX
 * Runtime's QLinearAdd.
 */
public final class Add extends Op {
  private final AddKernel kernel;

  private Add(Prepared<AddKernel> prepared) {
    super(prepared);
    this.kernel = prepared.kernel();
  }

  /**
   * Adds.
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

  /** What an add is to be; made by {@link dev.octet.Octet#add()}. */
  public static final class Builder {
    private final Dispatch dispatch;
    private final OutputBuilder output = new OutputBuilder();
    private ActivationSpec left;
    private ActivationSpec right;

    /**
     * For {@link dev.octet.Octet}.
     *
     * @param dispatch finds the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    /**
     * The first operand.
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
     * The second operand.
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
     * The sum.
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
    public Add prepare() {
      DataType type = Operands.given("left", left).type();
      Operands.sameType("right", Operands.given("right", right).type(), "left", type);
      Operands.sameType("output", Operands.given("output", output.type()), "left", type);
      AddSpec spec = new AddSpec(left, right, output.spec());
      ScaleRange.sum(spec);
      return new Add(dispatch.prepare("add", backend -> backend.add(spec)));
    }
  }
}
