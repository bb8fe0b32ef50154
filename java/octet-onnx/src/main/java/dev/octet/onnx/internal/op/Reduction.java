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
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The mean, sum, largest or smallest element along axes.
 *
 * @param function which of them
 * @param axes those that become one; null where an input says which, or all do
 * @param keep whether they stay as axes of length 1
 * @param noneIsNone whether no axes are none, not all
 */
record Reduction(Function function, long[] axes, boolean keep, boolean noneIsNone) implements Op {
  /** The functions; sums of integers wrap around. */
  enum Function {
    MEAN("ReduceMean", 0) {
      @Override
      float row(float[] x, int n) {
        return FloatFunctions.sum(x, n) / n;
      }

      @Override
      void add(float[] x, float[] y, int n) {
        FloatFunctions.add(x, y, n);
      }

      @Override
      long integers(long a, long b) {
        throw new IllegalStateException("means are of floats");
      }
    },
    SUM("ReduceSum", 0) {
      @Override
      float row(float[] x, int n) {
        return FloatFunctions.sum(x, n);
      }

      @Override
      void add(float[] x, float[] y, int n) {
        FloatFunctions.add(x, y, n);
      }

      @Override
      long integers(long a, long b) {
        return a + b;
      }
    },
    MAX("ReduceMax", Float.NEGATIVE_INFINITY) {
      @Override
      float row(float[] x, int n) {
        return FloatFunctions.max(x, n);
      }

      @Override
      void add(float[] x, float[] y, int n) {
        FloatFunctions.max(x, y, n);
      }

      @Override
      long integers(long a, long b) {
        return Math.max(a, b);
      }
    },
    MIN("ReduceMin", Float.POSITIVE_INFINITY) {
      @Override
      float row(float[] x, int n) {
        float least = Float.POSITIVE_INFINITY;
        for (int i = 0; i < n; i++) {
          least = Math.min(least, x[i]);
        }
        return least;
      }

      @Override
      void add(float[] x, float[] y, int n) {
        FloatFunctions.min(x, y, n);
      }

      @Override
      long integers(long a, long b) {
        return Math.min(a, b);
      }
    };

    private final String type;
    private final float start;

    Function(String type, float start) {
      this.type = type;
      this.start = start;
    }

    /** The result of a row. */
    abstract float row(float[] x, int n);

    /** Takes a row into the results of the rows before. */
    abstract void add(float[] x, float[] y, int n);

    abstract long integers(long a, long b);

    private Set<ElementType> types() {
      return this == MEAN
          ? Set.of(ElementType.F32)
          : Set.of(ElementType.F32, ElementType.I64, ElementType.I32);
    }
  }

  static Reduction read(Attributes attributes, Function function) {
    boolean byInput = attributes.opset() >= (function == Function.SUM ? 13 : 18);
    return new Reduction(function, byInput ? null : attributes.integers("axes"),
        attributes.integer("keepdims", 1) != 0,
        byInput && attributes.integer("noop_with_empty_axes", 0) != 0);
  }

  @Override
  public String type() {
    return function.type;
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 2);
    Inputs.type(inputs, 0, function.types());
    Known data = inputs.get(0);
    if (!data.hasRank()) {
      return List.of(Known.of(data.type()));
    }
    int[] reduced = reduced(inputs);
    if (reduced == null) {
      return List.of(Known.shaped(data.type(), keep ? Dims.unknown(data.rank()) : null));
    }
    long[] dims = data.dims().clone();
    for (int axis : reduced) {
      dims[axis] = 1;
    }
    return List.of(Known.of(data.type(), keep
        ? dims
        : IntStream.range(0, dims.length).filter(axis -> Arrays.binarySearch(reduced, axis) < 0)
            .mapToLong(axis -> dims[axis]).toArray()));
  }

  /** The axes that become one; null where they are not known yet. */
  private int[] reduced(List<Known> inputs) {
    int rank = inputs.getFirst().rank();
    boolean given = Inputs.optional(inputs, 1) != null;
    long[] wanted = given ? Inputs.integers(inputs, 1) : axes;
    if (given && wanted == null) {
      return null;
    }
    if (wanted == null || wanted.length == 0) {
      return noneIsNone ? new int[0] : IntStream.range(0, rank).toArray();
    }
    return Dims.axes("axes", wanted, rank);
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> plan(in);
  }

  private Step plan(List<Known> inputs) {
    Known data = inputs.getFirst();
    int[] reduced = reduced(inputs);
    if (reduced == null) {
      throw new UnsupportedOperationException("axes that depend on the elements of inputs are not offered");
    }
    for (int i = 1; i < reduced.length; i++) {
      if (reduced[i] != reduced[i - 1] + 1) {
        return turned(data, reduced);
      }
    }
    int first = reduced.length == 0 ? data.rank() : reduced[0];
    int behind = first + reduced.length;
    return plan(data.type(), Dims.product(data.dims(), 0, first), Dims.product(data.dims(), first, behind),
        Dims.product(data.dims(), behind, data.rank()));
  }

  /** Reduces axes that are not next to each other: they are brought behind the others. */
  private Step turned(Known data, int[] reduced) {
    int[] order = IntStream.concat(
        IntStream.range(0, data.rank()).filter(axis -> Arrays.binarySearch(reduced, axis) < 0),
        IntStream.of(reduced)).toArray();
    long[] dense = Strided.dense(data.dims());
    long[] dims = IntStream.of(order).mapToLong(axis -> data.dims()[axis]).toArray();
    Strided copy = new Strided(dims, IntStream.of(order).mapToLong(axis -> dense[axis]).toArray(),
        data.type().bytes());
    int kept = order.length - reduced.length;
    Step rows = plan(data.type(), Dims.product(dims, 0, kept), Dims.product(dims, kept, dims.length), 1);
    long bytes = data.bytes();
    return new Step() {
      @Override
      public long scratchBytes() {
        return bytes;
      }

      @Override
      public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
        if (bytes > 0) {
          copy.copy(in[0], 0, scratch.memory());
        }
        rows.run(new MemorySegment[]{scratch.memory()}, out, scratch);
      }
    };
  }

  private Step plan(ElementType type, long outer, long length, long inner) {
    if (type != ElementType.F32) {
      return (in, out, scratch) -> integers(in[0], out[0], type, outer, length, inner);
    }
    int n = Runs.array("a row", inner == 1 ? length : inner);
    return inner == 1
        ? (in, out, scratch) -> rows(function, in[0], out[0], outer, n, scratch)
        : (in, out, scratch) -> columns(in[0], out[0], outer, length, scratch.floats(0, n),
            scratch.floats(1, n), n);
  }

  /** Reduces dense rows to a float each. */
  static void rows(Function function, MemorySegment x, MemorySegment y, long outer, int length,
      Scratch scratch) {
    float[] row = scratch.floats(0, length);
    for (long o = 0; o < outer; o++) {
      MemorySegment.copy(x, Elements.FLOAT, 4 * o * length, row, 0, length);
      y.set(Elements.FLOAT, 4 * o, function.row(row, length));
    }
  }

  private void columns(MemorySegment x, MemorySegment y, long outer, long length, float[] row,
      float[] result, int inner) {
    for (long o = 0; o < outer; o++) {
      Arrays.fill(result, 0, inner, function.start);
      for (long l = 0; l < length; l++) {
        MemorySegment.copy(x, Elements.FLOAT, 4 * (o * length + l) * inner, row, 0, inner);
        function.add(row, result, inner);
      }
      if (function == Function.MEAN) {
        FloatFunctions.divide(result, (float) length, result, inner);
      }
      MemorySegment.copy(result, 0, y, Elements.FLOAT, 4 * o * inner, inner);
    }
  }

  private void integers(MemorySegment x, MemorySegment y, ElementType type, long outer, long length,
      long inner) {
    for (long o = 0; o < outer; o++) {
      for (long i = 0; i < inner; i++) {
        long result = function == Function.SUM || length == 0
            ? 0
            : Elements.integer(x, type, o * length * inner + i);
        for (long l = function == Function.SUM ? 0 : 1; l < length; l++) {
          result = function.integers(result, Elements.integer(x, type, (o * length + l) * inner + i));
        }
        Elements.put(y, type, o * inner + i, result);
      }
    }
  }
}
