package dev.octet.onednn;

import dev.octet.WeightLayout;
import dev.octet.internal.call.RowCall;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@code [rows][K] x [K][N]} in FP32 by oneDNN: the baseline that 8-bit products are compared with. Not part
 * of the main API: no checks beyond sizes, and closing it while it runs is the caller's mistake. oneDNN runs
 * on one thread in each tile; several threads share the columns.
 */
public final class FloatMatMul implements AutoCloseable {
  private final int k;
  private final int n;
  private final NativeMemory biases;
  private final WholeProduct product;
  private final Panels panels;

  /** A tile is a panel. */
  private final class Panels extends TiledKernel<RowCall, State> {
    Panels(Workers workers) {
      super(workers);
    }

    @Override
    protected RowCall newCall() {
      return new RowCall(null);
    }

    @Override
    protected State newState() {
      return new State();
    }

    @Override
    protected void tile(RowCall call, State state, int panel) {
      state.lane.run(panel, call.rows, call.src.address, call.dst.address, call.src.keep, call.dst.keep);
    }

    private void run(MemorySegment x, MemorySegment y, int rows) {
      RowCall call = begin();
      try {
        call.set(x, Float.BYTES, k, null, null, y, Float.BYTES, n, rows);
        run(call, product.panels());
      } finally {
        end(call);
      }
    }
  }

  /** What one running tile needs. */
  private final class State extends StatePool.State {
    private final WholeProduct.Lane lane = product.new Lane();

    @Override
    public void close() {
      lane.close();
    }
  }

  /** A bias or none. */
  private final class Extras implements WholeProduct.Extras {
    @Override
    public Handle attributes() {
      return Dnnl.attributes();
    }

    @Override
    public boolean isBiased() {
      return biases != null;
    }

    @Override
    public Execution.Fixed[] arguments(Resource.Group owner, int first, int columns) {
      if (biases == null) {
        return new Execution.Fixed[0];
      }
      try (Handle desc = Dnnl.desc(Dnnl.F32, Dnnl.TAG_AB, 1, columns)) {
        Handle memory = owner.add(Dnnl.memory(desc, biases.address() + 4L * first));
        return new Execution.Fixed[]{new Execution.Fixed(Dnnl.ARG_BIAS, memory)};
      }
    }

    @Override
    public void accept(String implementation) {
      // A baseline runs what there is; kernel() tells.
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
    this.k = k;
    this.n = n;
    this.biases = bias == null ? null : NativeMemory.allocate(4L * n);
    boolean outIn = layout == WeightLayout.OUT_IN;
    try (NativeMemory plain = NativeMemory.allocate(4L * k * n)) {
      plain.segment().copyFrom(weights.asSlice(0, plain.bytes()));
      if (biases != null) {
        MemorySegment.copy(bias, 0, biases.segment(), ValueLayout.JAVA_FLOAT, 0, n);
      }
      panels = new Panels(workers);
      product = new WholeProduct(new WholeProduct.Shape(Dnnl.F32, Dnnl.F32, Dnnl.F32, Float.BYTES, k, n),
          new Extras(), plain, outIn ? 1 : n, outIn ? k : 1, workers.threads(), rows);
    } catch (RuntimeException | Error e) {
      closeBias();
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
      throw new IllegalArgumentException(
          "x, y: expected native segments of " + rows + "x" + k + " and " + rows + "x"
              + n + " floats, got " + x + " and " + y);
    }
    if (rows == 0) {
      return;
    }
    panels.run(x, y, rows);
  }

  /**
   * oneDNN's name for the code that runs.
   *
   * @return for example {@code onednn:brg_matmul:avx2}
   */
  public String kernel() {
    return "onednn:" + product.implementation();
  }

  /** Frees the weights; nobody may be running. */
  @Override
  public void close() {
    panels.close();
    product.close();
    closeBias();
  }

  private void closeBias() {
    if (biases != null) {
      biases.close();
    }
  }
}
