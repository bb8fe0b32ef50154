package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.ConcatKernel;
import dev.octet.engine.ConcatSpec;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Concatenation of 8-bit tensors along an axis. Each input is requantized to the scale and zero point of the
 * output, as ONNX Runtime's QLinearConcat does. Types, scales and zero points are set by the builder; shapes
 * are passed to each run.
 *
 * {@snippet :
 * Concat concat = octet.concat().input(U8, qa).input(S8, qb).output(U8, qy).axis(3).prepare();
 * concat.run(List.of(a, b), List.of(Shape.of(1, 28, 28, 64), Shape.of(1, 28, 28, 32)), y);
 * }
 */
public final class Concat extends Op {
  /**
   * Arguments of one call. They are copies, so that a caller who changes a list during the run cannot undo
   * the checks; kept for the next call, so that a run allocates nothing.
   */
  private static final class Call {
    final MemorySegment[] inputs;
    final List<MemorySegment> view;
    final long[] lengths;

    Call(int count) {
      this.inputs = new MemorySegment[count];
      this.view = Arrays.asList(inputs);
      this.lengths = new long[count];
    }
  }

  private final ConcatKernel kernel;
  private final int axis;
  /** Names of the inputs in messages. */
  private final String[] names;
  private final AtomicReference<Call> spare = new AtomicReference<>();

  private Concat(Prepared<ConcatKernel> prepared, int inputs, int axis) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.axis = axis;
    this.names = new String[inputs];
    for (int i = 0; i < inputs; i++) {
      names[i] = "inputs[" + i + "]";
    }
  }

  /**
   * Concatenates dense tensors.
   *
   * @param inputs the dense inputs, in the order in which the builder was given them
   * @param shapes the shapes of the inputs, equal in all but the length of the axis, which may be 0
   * @param y takes the dense output, of shape {@link #outputShape}; shares no byte with an input
   * @throws IllegalArgumentException if the number of inputs or shapes is not that of the builder, the shapes
   *         do not fit each other, a segment is too small, y is read-only, or y overlaps an input
   * @throws IllegalStateException if this op is closed
   */
  public void run(List<MemorySegment> inputs, List<Shape> shapes, MemorySegment y) {
    Objects.requireNonNull(inputs, "inputs");
    Objects.requireNonNull(shapes, "shapes");
    count("inputs", inputs.size());
    Call call = spare.getAndSet(null);
    if (call == null) {
      call = new Call(names.length);
    }
    try {
      long outer = check(call, inputs, shapes, y);
      int ticket = enter();
      try {
        kernel.run(call.view, call.lengths, y, outer);
      } finally {
        exit(ticket);
      }
    } finally {
      Arrays.fill(call.inputs, null);
      spare.set(call);
    }
  }

  /** Fills in the call and returns the product of the dimensions outside the axis, 0 for an empty result. */
  private long check(Call call, List<MemorySegment> inputs, List<Shape> shapes, MemorySegment y) {
    long onAxis = axisLength(shapes);
    Shape first = shapes.get(0);
    long yBytes = onAxis;
    for (int a = 0; a < first.rank(); a++) {
      yBytes = a == axis ? yBytes : Checks.product("y", yBytes, first.dim(a));
    }
    boolean empty = yBytes == 0;
    Checks.writable("y", y, yBytes);
    for (int i = 0; i < names.length; i++) {
      Shape shape = shapes.get(i);
      MemorySegment input = inputs.get(i);
      Checks.readable(names[i], input, shape.elements());
      Checks.disjoint(names[i], input, shape.elements(), "y", y, yBytes);
      call.inputs[i] = input;
      call.lengths[i] = empty ? 0 : shape.dim(axis) * Operands.inner(shape, axis);
    }
    return empty ? 0 : Operands.outer(first, axis);
  }

  /**
   * Returns the shape of the output for inputs of given shapes.
   *
   * @param shapes the shapes of the inputs
   * @return the shape of an input, with the sum of all lengths as length of the axis
   * @throws IllegalArgumentException if the number of shapes is not that of the builder's inputs, or the
   *         shapes do not fit each other
   */
  public Shape outputShape(List<Shape> shapes) {
    long onAxis = axisLength(Objects.requireNonNull(shapes, "shapes"));
    long[] dims = shapes.get(0).toArray();
    dims[axis] = onAxis;
    return Shape.of(dims);
  }

  private long axisLength(List<Shape> shapes) {
    count("shapes", shapes.size());
    Shape first = shapes.get(0);
    if (axis >= first.rank()) {
      throw new IllegalArgumentException("shapes[0]: axis " + axis + " is beyond " + first);
    }
    long sum = 0;
    for (int i = 0; i < names.length; i++) {
      Shape shape = shapes.get(i);
      boolean fits = shape.rank() == first.rank();
      for (int a = 0; fits && a < first.rank(); a++) {
        fits = a == axis || shape.dim(a) == first.dim(a);
      }
      if (!fits) {
        throw new IllegalArgumentException(
            "shapes[" + i + "]: expected " + first + " but for axis " + axis + ", got " + shape);
      }
      sum += shape.dim(axis);
      if (sum < 0) {
        throw new IllegalArgumentException("shapes: the lengths on axis " + axis + " overflow 64 bits");
      }
    }
    return sum;
  }

  private void count(String operand, int size) {
    if (size != names.length) {
      throw new IllegalArgumentException(operand + ": expected " + names.length + ", got " + size);
    }
  }

  /**
   * Builder for {@link Concat}; made by {@link dev.octet.Octet#concat()}. Not safe for use by multiple
   * threads.
   */
  public static final class Builder {
    private final Dispatch dispatch;
    private final OutputBuilder output = new OutputBuilder();
    private final List<ActivationSpec> inputs = new ArrayList<>();
    private int axis = -1;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#concat()}.
     *
     * @param dispatch chooses the engine and the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    /**
     * Adds an input.
     *
     * @param type U8 or S8; inputs may differ in type
     * @param quantization scale and zero point, per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits, or the quantization is not per tensor,
     *         has scale 0 or a zero point outside the range of the type
     */
    public Builder input(DataType type, Quantization quantization) {
      inputs.add(Operands.activation("inputs[" + inputs.size() + "]", type, quantization));
      return this;
    }

    /**
     * Sets the type, scale and zero point of the output.
     *
     * @param type U8 or S8
     * @param quantization scale and zero point, per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits, or the quantization is not per tensor,
     *         has scale 0 or a zero point outside the range of the type
     */
    public Builder output(DataType type, Quantization quantization) {
      output.quantized(type, quantization);
      return this;
    }

    /**
     * Sets the axis along which the inputs are concatenated.
     *
     * @param axis 0 for the outermost; 3 for the channels of NHWC images
     * @return this
     * @throws IllegalArgumentException if the axis is negative
     */
    public Builder axis(int axis) {
      this.axis = Checks.notNegative("axis", axis);
      return this;
    }

    /**
     * Validates the settings and chooses an engine and a kernel.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if a required setting is missing
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public Concat prepare() {
      if (inputs.isEmpty()) {
        throw new IllegalArgumentException("inputs: not given; call input(...) once for each");
      }
      Operands.given("output", output.type());
      if (axis < 0) {
        throw new IllegalArgumentException("axis: not given");
      }
      ConcatSpec spec = new ConcatSpec(inputs, output.spec());
      return new Concat(dispatch.prepare("concat", backend -> backend.concat(spec)), inputs.size(), axis);
    }
  }
}
