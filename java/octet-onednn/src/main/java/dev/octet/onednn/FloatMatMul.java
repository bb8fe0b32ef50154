package dev.octet.onednn;

import dev.octet.WeightLayout;
import dev.octet.internal.ffm.Borrowed;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import dev.octet.internal.ffm.StatePool;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/**
 * {@code [rows][K] x [K][N]} in FP32 by oneDNN: the baseline that 8-bit products are compared with. Not part
 * of the main API: no checks beyond sizes, and closing it while it runs is the caller's mistake. oneDNN runs
 * on one thread in each tile; several threads share the columns.
 */
public final class FloatMatMul implements AutoCloseable {
  private final Workers workers;
  private final int k;
  private final int n;
  private final NativeMemory biases;
  private final WholeProduct product;
  private final StatePool<State> states = new StatePool<>(State::new);

  /** What one running tile needs, and the arguments of the call that a state was taken for. */
  private final class State extends StatePool.State {
    private final WholeProduct.Lane lane = product.new Lane();
    private final Call call = new Call();

    @Override
    public void close() {
      lane.close();
    }
  }

  /** The arguments of a running call; a tile is a panel. */
  private final class Call implements Workers.Tiles {
    private MemorySegment x;
    private MemorySegment y;
    private int rows;

    @Override
    public void run(int panel) {
      State state = states.take();
      try {
        run(panel, state);
      } finally {
        states.give(state);
      }
    }

    private void run(int panel, State state) {
      state.lane.run(panel, rows, x.address(), y.address(), Borrowed.keep(x), Borrowed.keep(y));
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
    this.workers = workers;
    this.k = k;
    this.n = n;
    this.biases = bias == null ? null : NativeMemory.allocate(4L * n);
    boolean outIn = layout == WeightLayout.OUT_IN;
    try (NativeMemory plain = NativeMemory.allocate(4L * k * n)) {
      plain.segment().copyFrom(weights.asSlice(0, plain.bytes()));
      if (biases != null) {
        MemorySegment.copy(bias, 0, biases.segment(), ValueLayout.JAVA_FLOAT, 0, n);
      }
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
    State state = states.take();
    Call call = state.call;
    try {
      call.x = x;
      call.y = y;
      call.rows = rows;
      if (product.panels() == 1) {
        call.run(0, state);
      } else {
        workers.run(product.panels(), call);
      }
    } finally {
      call.x = null;
      call.y = null;
      states.give(state);
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
    return "onednn:" + product.implementation();
  }

  /** Frees the weights; nobody may be running. */
  @Override
  public void close() {
    states.close();
    product.close();
    closeBias();
  }

  private void closeBias() {
    if (biases != null) {
      biases.close();
    }
  }
}
