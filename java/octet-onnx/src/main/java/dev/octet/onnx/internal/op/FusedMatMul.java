package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Product of floats, of which the last two axes may be transposed first, times a number. An operator of ONNX
 * Runtime.
 *
 * @param alpha the number
 * @param turnsA whether the left side is transposed
 * @param turnsB whether the right side is
 */
record FusedMatMul(float alpha, boolean turnsA, boolean turnsB) implements Op {
  static FusedMatMul read(Attributes attributes) {
    if (attributes.integer("transBatchA", 0) != 0 || attributes.integer("transBatchB", 0) != 0) {
      throw new UnsupportedOperationException("attributes transBatchA and transBatchB are not offered");
    }
    return new FusedMatMul(attributes.real("alpha", 1), attributes.integer("transA", 0) != 0,
        attributes.integer("transB", 0) != 0);
  }

  @Override
  public String type() {
    return "FusedMatMul";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Inputs.floats(inputs);
    return new MatMul().infer(turned(inputs));
  }

  /** Whether an operand is transposed. */
  private boolean turns(int operand, Known matrix) {
    return (operand == 0 ? turnsA : turnsB) && matrix.hasRank() && matrix.rank() > 1;
  }

  private List<Known> turned(List<Known> inputs) {
    List<Known> result = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Known matrix = inputs.get(i);
      if (!turns(i, matrix)) {
        result.add(matrix);
        continue;
      }
      long[] dims = matrix.dims().clone();
      dims[dims.length - 1] = matrix.dims()[dims.length - 2];
      dims[dims.length - 2] = matrix.dims()[dims.length - 1];
      Known shape = Known.of(matrix.type(), dims);
      result.add(matrix.isConstant() ? shape.withData(transposed(matrix, shape)) : shape);
    }
    return result;
  }

  private static MemorySegment transposed(Known matrix, Known shape) {
    MemorySegment to = MemorySegment.ofArray(new float[Runs.array("a matrix", matrix.elements())]);
    if (matrix.elements() > 0) {
      copy(matrix, shape).copy(matrix.data(), 0, to);
    }
    return to;
  }

  private static Strided copy(Known matrix, Known shape) {
    long[] strides = Strided.dense(matrix.dims());
    long last = strides[strides.length - 1];
    strides[strides.length - 1] = strides[strides.length - 2];
    strides[strides.length - 2] = last;
    return new Strided(shape.dims(), strides, 4);
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    Kernel product = new MatMul().kernel(octet, turned(inputs));
    return new Kernel() {
      @Override
      public Step plan(List<Known> in, List<Known> out) {
        List<Known> turned = turned(in);
        List<Strided> copies = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          boolean moves = product.reads(i) && turns(i, in.get(i)) && in.get(i).elements() > 0;
          copies.add(moves ? copy(in.get(i), turned.get(i)) : null);
        }
        return new Run(product.plan(turned, out), copies, copies.get(0) == null ? 0 : in.get(0).bytes(),
            copies.get(1) == null ? 0 : in.get(1).bytes(), out.getFirst().elements(), alpha);
      }

      @Override
      public String name() {
        return product.name();
      }

      @Override
      public boolean reads(int input) {
        return product.reads(input);
      }

      @Override
      public void close() {
        product.close();
      }
    };
  }

  /** A run. */
  private record Run(Step product, List<Strided> copies, long left, long right, long elements, float alpha)
      implements
        Step {
    @Override
    public long scratchBytes() {
      return left + right;
    }

    @Override
    public long arrayBytes() {
      return product.arrayBytes();
    }

    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      MemorySegment[] operands = in.clone();
      for (int i = 0; i < 2; i++) {
        if (copies.get(i) != null) {
          operands[i] = scratch.memory().asSlice(i == 0 ? 0 : left, i == 0 ? left : right);
          copies.get(i).copy(in[i], 0, operands[i]);
        }
      }
      product.run(operands, out, scratch);
      if (alpha != 1) {
        FloatMap.run(out[0], out[0], elements, scratch,
            (x, y, n) -> Arithmetic.Function.MUL.floats(x, alpha, y, n));
      }
    }
  }
}
