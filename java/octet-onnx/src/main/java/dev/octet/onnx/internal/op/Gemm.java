package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * {@code alpha * a * b + beta * c} of matrices of floats; c is broadcast, and may be left out.
 *
 * @param alpha factor of the product
 * @param beta factor of c
 * @param turnsA whether a is transposed
 * @param turnsB whether b is transposed
 */
public record Gemm(float alpha, float beta, boolean turnsA, boolean turnsB) implements Op {
  static Gemm read(Attributes attributes) {
    return new Gemm(attributes.real("alpha", 1), attributes.real("beta", 1),
        attributes.integer("transA", 0) != 0, attributes.integer("transB", 0) != 0);
  }

  @Override
  public String type() {
    return "Gemm";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 3);
    Inputs.floats(inputs);
    long[] dims = Products.shape(turned(inputs.get(0), turnsA), turned(inputs.get(1), turnsB));
    Known c = Inputs.optional(inputs, 2);
    if (dims != null && c != null && c.hasRank()
        && (c.rank() > 2 || exceeds(Dims.broadcast(c.dims(), dims), dims))) {
      throw new IllegalArgumentException("input 2: " + c + " cannot be broadcast to " + Known.of(
          ElementType.F32, dims));
    }
    return List.of(Known.of(ElementType.F32, dims == null ? Dims.unknown(2) : dims));
  }

  private static boolean exceeds(long[] both, long[] dims) {
    for (int axis = 0; axis < 2; axis++) {
      if (both[axis] >= 0 && dims[axis] >= 0 && both[axis] != dims[axis]) {
        return true;
      }
    }
    return false;
  }

  /** What is known of a matrix, transposed: without its elements. */
  private static Known turned(Known matrix, boolean turns) {
    if (!matrix.hasRank()) {
      return matrix;
    }
    if (matrix.rank() != 2) {
      throw new IllegalArgumentException("expected matrices, got " + matrix);
    }
    long[] dims = matrix.dims();
    return turns ? Known.of(matrix.type(), dims[1], dims[0]) : Known.of(matrix.type(), dims);
  }

  private static Strided transposition(Known matrix) {
    long[] dims = matrix.dims();
    return new Strided(new long[]{dims[1], dims[0]}, new long[]{1, dims[1]}, 4);
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    Known b = inputs.get(1);
    FloatPanels packed = b.isConstant() && b.elements() > 0 ? pack(b) : null;
    return new Kernel() {
      @Override
      public Step plan(List<Known> in, List<Known> out) {
        return new Multiply(Gemm.this, packed, in.get(0), in.get(1), Inputs.optional(in, 2), out.getFirst());
      }

      @Override
      public boolean reads(int input) {
        return input != 1 || packed == null;
      }
    };
  }

  private FloatPanels pack(Known b) {
    if (!turnsB) {
      return FloatPanels.pack(b.data(), b.dims()[0], b.dims()[1]);
    }
    MemorySegment turned = MemorySegment.ofArray(new float[Runs.array("a matrix", b.elements())]);
    transposition(b).copy(b.data(), 0, turned);
    return FloatPanels.pack(turned, b.dims()[1], b.dims()[0]);
  }

  /** A run. Transposed operands that are no constants are copied first. */
  private record Multiply(Gemm gemm, FloatPanels packed, Known a, Known b, Known c, Known y) implements Step {
    private boolean turnsB() {
      return gemm.turnsB && packed == null;
    }

    /** Whether c is added where sums begin. */
    private boolean begins() {
      return c != null && gemm.alpha == 1 && gemm.beta == 1 && c.elements() == y.dims()[1]
          && c.dims()[c.rank() - 1] == y.dims()[1];
    }

    @Override
    public long scratchBytes() {
      return (gemm.turnsA ? a.bytes() : 0) + (turnsB() ? b.bytes() : 0);
    }

    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      MemorySegment left = in[0];
      MemorySegment right = in[1];
      if (gemm.turnsA && a.elements() > 0) {
        left = scratch.memory();
        transposition(a).copy(in[0], 0, left);
      }
      if (turnsB() && b.elements() > 0) {
        right = scratch.memory().asSlice(gemm.turnsA ? a.bytes() : 0);
        transposition(b).copy(in[1], 0, right);
      }
      int columns = Math.toIntExact(y.dims()[1]);
      FloatPanels.Bias bias = new FloatPanels.Bias(null,
          begins() ? Conv.bias(in, 0, columns, scratch) : null);
      if (packed != null) {
        packed.multiply(left, out[0], y.dims()[0], bias, scratch);
      } else {
        FloatPanels.multiply(left, 0, right, 0, out[0], 0,
            new Products(turned(a, gemm.turnsA), turned(b, gemm.turnsB)), bias, scratch);
      }
      if (!begins()) {
        finish(c == null ? null : in[2], out[0], scratch);
      }
    }

    private void finish(MemorySegment addend, MemorySegment result, Scratch scratch) {
      if (gemm.alpha != 1) {
        FloatMap.run(result, result, y.elements(), scratch,
            (from, to, n) -> FloatFunctions.scale(from, gemm.alpha, 0, to, n));
      }
      if (addend == null) {
        return;
      }
      Rows rows = new Rows(y, c, y);
      float[] sums = scratch.floats(0, Rows.LONGEST);
      float[] row = scratch.floats(1, Rows.LONGEST);
      rows.forEach((from, fromC, to, count) -> {
        Arithmetic.load(result, from, false, sums, count);
        Arithmetic.load(addend, fromC, rows.isOneB(), row, count);
        FloatFunctions.scale(row, gemm.beta, 0, row, count);
        FloatFunctions.add(row, sums, count);
        MemorySegment.copy(sums, 0, result, Elements.FLOAT, 4 * to, count);
      });
    }
  }
}
