package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.WeightLayout;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Sgemm;
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
    Known c = Inputs.optional(inputs, 2);
    boolean isFixed = b.isConstant() && b.elements() > 0;
    boolean begins = isFixed && c != null && begins(c, b.dims()[turnsB ? 0 : 1]);
    Sgemm.Builder builder = octet.sgemm();
    if (isFixed) {
      builder.weights(b.data(), Runs.count("rows", b.dims()[turnsB ? 1 : 0]),
          Runs.count("columns", b.dims()[turnsB ? 0 : 1]),
          turnsB ? WeightLayout.OUT_IN : WeightLayout.IN_OUT);
    } else if (turnsB) {
      builder.rightTransposed();
    }
    Sgemm op = (begins ? builder.bias(Elements.floats(c)) : builder).prepare();
    return new OctetKernel(op, input -> input == 0 || (input == 1 ? !isFixed : !begins),
        (in, out) -> new Multiply(this, op, isFixed, in.get(0), in.get(1),
            begins ? null : Inputs.optional(in, 2), out.getFirst()));
  }

  /** Whether c is a number for each column that sums can begin with. */
  private boolean begins(Known c, long columns) {
    return alpha == 1 && beta == 1 && c.isConstant() && c.rank() > 0 && c.elements() == columns
        && c.dims()[c.rank() - 1] == columns && Inputs.finite(c) != null;
  }

  /**
   * A run. A transposed left operand is copied first.
   *
   * @param c null where there is none, or sums begin with it
   */
  private record Multiply(Gemm gemm, Sgemm op, boolean isFixed, Known a, Known b, Known c, Known y)
      implements
        Step {
    @Override
    public long scratchBytes() {
      return gemm.turnsA ? a.bytes() : 0;
    }

    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      MemorySegment left = in[0];
      if (gemm.turnsA && a.elements() > 0) {
        left = scratch.memory();
        transposition(a).copy(in[0], 0, left);
      }
      int rows = Runs.count("rows", y.dims()[0]);
      int columns = Runs.count("columns", y.dims()[1]);
      int k = Runs.count("columns", a.dims()[gemm.turnsA ? 0 : 1]);
      if (k == 0) {
        out[0].fill((byte) 0);
      } else if (isFixed) {
        op.run(left, out[0], rows);
      } else {
        op.run(left, in[1], out[0], 1, rows, k, columns);
      }
      finish(c == null ? null : in[2], out[0], scratch);
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
