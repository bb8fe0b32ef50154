package dev.octet.onednn;

import dev.octet.WeightLayout;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code [rows][K] x [K][N]} in FP32 by oneDNN: the baseline that 8-bit products are compared with. Not part of
 * the main API: no checks beyond sizes, and closing it while it runs is the caller's mistake.
 *
 * <p>
 * oneDNN runs on one thread inside each tile; N is cut into as many panels as there are threads.
 */
public final class FloatMatMul implements AutoCloseable {
  private static final int SHAPES = 32;
  /** Columns of a panel come in multiples of this, oneDNN's own register blocks. */
  private static final int COLUMNS = 64;

  private final Workers workers;
  private final int k;
  private final int n;
  private final Resource.Group resources = new Resource.Group();
  private final List<Panel> panels = new ArrayList<>();
  private final String implementation;

  /** Some columns of the weights, and what was compiled for them by the number of rows. */
  private final class Panel implements Resource {
    private final Group owned = new Group();
    private final int first;
    private final int columns;
    private final Handle packedDesc;
    private final Handle weights;
    private final Execution.Fixed[] bias;
    private final ShapeCache<Runner> compiled = owned.add(new ShapeCache<>(SHAPES, this::compile));

    Panel(NativeMemory plain, boolean outIn, NativeMemory biases, int first, int columns, int rows) {
      this.first = first;
      this.columns = columns;
      try {
        Handle any = owned.add(Dnnl.desc(Dnnl.F32, Dnnl.TAG_ANY, k, columns));
        try (Handle description = describe(any, rows, biases != null)) {
          packedDesc = owned.add(Dnnl.queryDesc(description, Dnnl.QUERY_WEIGHTS));
        }
        NativeMemory packed = owned.add(NativeMemory.allocate(Dnnl.size(packedDesc)));
        weights = owned.add(Dnnl.memory(packedDesc, packed.address()));
        Handle plainDesc = owned.add(Dnnl.stridedDesc(Dnnl.F32, new long[]{k, columns},
            outIn ? new long[]{1, k} : new long[]{n, 1}));
        Handle source = owned.add(
            Dnnl.memory(plainDesc, plain.address() + 4L * first * (outIn ? k : 1)));
        Packing.reorder(plainDesc, source, packedDesc, weights);
        if (biases == null) {
          bias = new Execution.Fixed[0];
        } else {
          Handle biasDesc = owned.add(Dnnl.desc(Dnnl.F32, Dnnl.TAG_AB, 1, columns));
          Handle memory = owned.add(Dnnl.memory(biasDesc, biases.address() + 4L * first));
          bias = new Execution.Fixed[]{new Execution.Fixed(Dnnl.ARG_BIAS, memory)};
        }
      } catch (RuntimeException | Error e) {
        owned.close();
        throw e;
      }
    }

    Handle describe(Handle weightsDesc, long rows, boolean biased) {
      try (Handle src = Dnnl.desc(Dnnl.F32, Dnnl.TAG_AB, rows, k);
          Handle dst = Dnnl.stridedDesc(Dnnl.F32, new long[]{rows, columns}, new long[]{n, 1});
          Handle biasDesc = biased ? Dnnl.desc(Dnnl.F32, Dnnl.TAG_AB, 1, columns) : null;
          Handle attributes = Dnnl.attributes()) {
        return Dnnl.matMul(src, weightsDesc, biasDesc, dst, attributes);
      }
    }

    private Runner compile(long rows) {
      try (Handle description = describe(packedDesc, rows, bias.length > 0)) {
        return new Runner(description, weights, bias);
      }
    }

    void run(MemorySegment x, MemorySegment y, int rows) {
      ShapeCache.Entry<Runner> entry = compiled.acquire(rows);
      try {
        entry.value().run(x.address(), y.address() + 4L * first, Borrowed.keep(x), Borrowed.keep(y));
      } finally {
        compiled.release(entry);
      }
    }

    @Override
    public void close() {
      owned.close();
    }
  }

  /**
   * Packs weights.
   *
   * @param workers the threads that share a call
   * @param weights F32, a matrix; read now only
   * @param layout IN_OUT for {@code [K][N]}, OUT_IN for {@code [N][K]}
   * @param k input features
   * @param n output features
   * @param bias N floats, or null
   * @param rows the number of rows that oneDNN chooses the packed format for; others run too
   */
  public FloatMatMul(Workers workers, MemorySegment weights, WeightLayout layout, int k, int n, float[] bias,
      int rows) {
    DnnlLibrary.get();
    this.workers = workers;
    this.k = k;
    this.n = n;
    int width = Math.max(COLUMNS, Math.ceilDiv(Math.ceilDiv(n, workers.threads()), COLUMNS) * COLUMNS);
    try (NativeMemory plain = NativeMemory.allocate(4L * k * n)) {
      plain.segment().copyFrom(weights.asSlice(0, plain.bytes()));
      NativeMemory biases = bias == null ? null : resources.add(NativeMemory.allocate(4L * n));
      if (bias != null) {
        MemorySegment.copy(bias, 0, biases.segment(), ValueLayout.JAVA_FLOAT, 0, n);
      }
      for (int first = 0; first < n; first += width) {
        panels.add(resources.add(new Panel(plain, layout == WeightLayout.OUT_IN, biases, first,
            Math.min(width, n - first), rows)));
      }
      ShapeCache.Entry<Runner> entry = panels.getFirst().compiled.acquire(rows);
      implementation = entry.value().implementation();
      panels.getFirst().compiled.release(entry);
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /**
   * Multiplies.
   *
   * @param x {@code [rows][K]}, native
   * @param y {@code [rows][N]}, native, disjoint from x
   * @param rows the number of rows
   */
  public void run(MemorySegment x, MemorySegment y, int rows) {
    if (!x.isNative() || !y.isNative() || x.byteSize() < 4L * rows * k || y.byteSize() < 4L * rows * n) {
      throw new IllegalArgumentException("x, y: expected native segments of " + rows + "x" + k + " and " + rows + "x"
          + n + " floats, got " + x + " and " + y);
    }
    try {
      if (rows > 0 && panels.size() == 1) {
        panels.getFirst().run(x, y, rows);
      } else if (rows > 0) {
        workers.run(panels.size(), panel -> panels.get(panel).run(x, y, rows));
      }
    } finally {
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(y);
    }
  }

  /**
   * oneDNN's name for the code that runs.
   *
   * @return for example {@code onednn:brg_matmul:avx2}
   */
  public String kernel() {
    return "onednn:" + implementation;
  }

  /** Frees the weights; nobody may be running. */
  @Override
  public void close() {
    resources.close();
  }
}
