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
import java.util.Set;

/**
 * {@code e^(x - max) / sum of them}, or the logarithm of that, {@code x - max - log(sum)}.
 *
 * @param axis along which; below 0 from the end
 * @param flat whether all axes from there on are one row, as before opset 13
 * @param log whether the result is the logarithm
 */
public record Softmax(long axis, boolean flat, boolean log) implements Op {
  static Softmax read(Attributes attributes, boolean log) {
    boolean flat = attributes.opset() < 13;
    return new Softmax(attributes.integer("axis", flat ? 1 : -1), flat, log);
  }

  @Override
  public String type() {
    return log ? "LogSoftmax" : "Softmax";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    Known data = inputs.getFirst();
    if (data.hasRank()) {
      along(data.rank());
    }
    return List.of(Known.shaped(ElementType.F32, data.dims()));
  }

  /** Whether rows of the last axis become probabilities. */
  public boolean isOfRows(int rank) {
    return !log && rank > 0 && along(rank) == rank - 1;
  }

  private int along(int rank) {
    return flat && axis == rank ? rank : Dims.axis("axis", axis, rank);
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    if (log) {
      return (in, out) -> logarithms(new Lines(in.getFirst()));
    }
    dev.octet.op.Softmax op = octet.softmax().prepare();
    return new OctetKernel(op, 1, in -> {
      Lines lines = new Lines(in.getFirst());
      return lines.inner == 1
          ? (from, to, scratch) -> op.run(from[0], to[0], lines.outer, lines.length)
          : new Turned(op, lines.outer, lines.length, Runs.count("columns", lines.inner));
    });
  }

  /** What is normalized: floats that are a stride apart. */
  private final class Lines {
    private final long outer;
    private final int length;
    private final long inner;

    Lines(Known data) {
      int along = along(data.rank());
      this.outer = Dims.product(data.dims(), 0, along);
      this.length = Runs.array("a softmax",
          Dims.product(data.dims(), along, flat ? data.rank() : along + 1));
      this.inner = flat ? 1 : Dims.product(data.dims(), along + 1, data.rank());
    }
  }

  /** Softmax of the columns of matrices, which become rows and columns again. */
  private static final class Turned implements Step {
    private final dev.octet.op.Softmax op;
    private final long matrices;
    private final int length;
    private final int count;
    private final Strided toRows;
    private final Strided toColumns;

    Turned(dev.octet.op.Softmax op, long matrices, int length, int count) {
      this.op = op;
      this.matrices = matrices;
      this.length = length;
      this.count = count;
      this.toRows = new Strided(new long[]{count, length}, new long[]{1, count}, 4);
      this.toColumns = new Strided(new long[]{length, count}, new long[]{1, length}, 4);
    }

    @Override
    public long scratchBytes() {
      return 4L * length * count;
    }

    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      MemorySegment turned = scratch.memory();
      for (long matrix = 0; matrix < matrices; matrix++) {
        long first = matrix * length * count;
        toRows.copy(in[0], first, turned);
        op.run(turned, turned, count, length);
        toColumns.copy(turned, 0, out[0].asSlice(4 * first, 4L * length * count));
      }
    }
  }

  private static Step logarithms(Lines lines) {
    int n = lines.length;
    return (in, out, scratch) -> {
      float[] x = scratch.floats(0, n);
      float[] y = scratch.floats(1, n);
      float[] shifted = scratch.floats(2, n);
      int[] powers = scratch.ints(n);
      for (long o = 0; o < lines.outer; o++) {
        for (long i = 0; i < lines.inner; i++) {
          row(in[0], out[0], o * n * lines.inner + i, lines.inner, x, y, shifted, powers, n);
        }
      }
    };
  }

  private static void row(MemorySegment from, MemorySegment to, long at, long stride, float[] x, float[] y,
      float[] shifted, int[] powers, int n) {
    if (stride == 1) {
      MemorySegment.copy(from, Elements.FLOAT, 4 * at, x, 0, n);
    } else {
      for (int i = 0; i < n; i++) {
        x[i] = Elements.real(from, at + i * stride);
      }
    }
    float max = FloatFunctions.max(x, n);
    FloatFunctions.subtract(x, max, shifted, n);
    FloatFunctions.expBelow(x, max, y, powers, n);
    FloatFunctions.subtract(shifted, (float) Math.log(FloatFunctions.sum(y, n)), x, n);
    if (stride == 1) {
      MemorySegment.copy(x, 0, to, Elements.FLOAT, 4 * at, n);
    } else {
      for (int i = 0; i < n; i++) {
        to.set(Elements.FLOAT, 4 * (at + i * stride), x[i]);
      }
    }
  }
}
