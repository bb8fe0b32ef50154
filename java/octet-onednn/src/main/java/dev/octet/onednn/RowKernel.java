package dev.octet.onednn;

import dev.octet.DataType;
import dev.octet.engine.BackendContext;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.epilogue.Staging;
import dev.octet.internal.ffm.Borrowed;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import dev.octet.internal.ffm.StatePool;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Rows times fixed weights: the source rows become unsigned bytes, oneDNN makes accumulators of them, the
 * epilogue makes results of those. What rows are before is a subclass's affair.
 *
 * <p>
 * A tile of a call is a group of rows times some panels of columns: it prepares its rows once and then goes
 * through panels outside, blocks of rows inside. Many rows are shared among threads by groups, few rows by
 * panels.
 */
abstract class RowKernel implements Resource {
  /** Multiplications that are worth a second thread: 4 us with VNNI. */
  private static final long PARALLEL_WORK = 1_500_000;
  /** Fewer rows for each thread than this are shared by panels. */
  private static final int PARALLEL_ROWS = 32;

  private final int k;
  private final int n;
  private final IntProduct product;
  final SourceRows.Form form;
  private final Epilogue epilogue;
  private final int outputBytes;
  private final BackendContext context;
  private final StatePool<State> states = new StatePool<>(State::new);

  /**
   * Over packed weights.
   *
   * @param context the threads that share a call, and the tier of kernels beside oneDNN's
   * @param product the packed weights; closed with this
   * @param epilogue from accumulators to results
   * @param k source elements of a row
   * @param n result elements of a row
   * @param output the type of the results
   */
  RowKernel(BackendContext context, IntProduct product, Epilogue epilogue, int k, int n, DataType output) {
    this.context = context;
    this.product = product;
    this.form = product.sourceForm();
    this.epilogue = epilogue;
    this.k = k;
    this.n = n;
    this.outputBytes = output.bits() / 8;
  }

  /** One running tile's own. */
  final class State extends StatePool.State {
    private final Group owned = new Group();
    private final IntProduct.Lane lane = owned.add(product.new Lane());
    final SourceRows source = owned.add(new SourceRows());
    private final NativeMemory parameters = owned.add(NativeMemory.allocate(3L * 4 * IntProduct.MAX_ROWS));
    /** F32, one a row of the group; as the two below, written where the epilogue reads it. */
    final MemorySegment rowScales = parameters.segment().asSlice(0, 4L * IntProduct.MAX_ROWS);
    /** S32, one a row of the group. */
    final MemorySegment rowZeroPoints = parameters.segment().asSlice(4L * IntProduct.MAX_ROWS,
        4L * IntProduct.MAX_ROWS);
    /** S32, one a row of the group: the sum of its bytes. */
    final MemorySegment rowSums = parameters.segment().asSlice(8L * IntProduct.MAX_ROWS,
        4L * IntProduct.MAX_ROWS);
    final Staging staging = owned.add(new Staging(context.isa()));
    /** Of the call that this state was taken for, or of none where it was taken for one tile of several. */
    private final Call call = new Call();
    private void multiply(Call call, int first, int rows, int panel) {
      int c0 = product.firstColumn(panel);
      int block = product.blockRows();
      int count;
      for (int row = 0; row < rows; row += count) {
        count = product.part(Math.min(block, rows - row));
        MemorySegment accumulators = lane.multiply(panel, count, source.address(row), source.keep(row));
        staging.accumulators(accumulators, 0, lane.stride(panel));
        staging.rows(rowScales, rowZeroPoints, rowSums, row);
        staging.output(call.dst, call.dstBase + (first + row) * call.dstStride + c0, call.dstStride);
        epilogue.apply(staging, count, c0, c0 + product.columns(panel));
      }
    }

    @Override
    public void close() {
      owned.close();
    }
  }

  /** The arguments of a running call. */
  final class Call implements Workers.Tiles {
    MemorySegment src;
    long srcStride;
    /** What the caller gave, or null. */
    MemorySegment rowScales;
    /** What the caller gave, or null. */
    MemorySegment rowZeroPoints;
    private MemorySegment dst;
    private long dstBase;
    private long dstStride;
    private int rows;
    private int groupRows;
    private int shares;

    @Override
    public void run(int tile) {
      State state = states.take();
      try {
        run(tile, state);
      } finally {
        states.give(state);
      }
    }

    private void run(int tile, State state) {
      int group = tile / shares;
      int share = tile % shares;
      int first = group * groupRows;
      int count = Math.min(groupRows, rows - first);
      int panels = product.panels();
      try {
        prepare(state, this, first, count);
        for (int panel = panels * share / shares; panel < panels * (share + 1) / shares; panel++) {
          state.multiply(this, first, count, panel);
        }
      } finally {
        state.staging.clear();
        state.source.clear();
      }
    }

    private void clear() {
      src = null;
      rowScales = null;
      rowZeroPoints = null;
      dst = null;
    }
  }

  /**
   * Brings a group of source rows into the form that the product reads, and into the state what the epilogue
   * wants of rows: scales and zero points where they differ from row to row, sums where
   * {@link #needsRowSums}.
   *
   * @param state the tile's own
   * @param call the arguments
   * @param first the first row
   * @param rows how many, at most {@link IntProduct#groupRows}
   */
  abstract void prepare(State state, Call call, int first, int rows);

  /** Brings the caller's rows into the form of the product. */
  final void take(SourceRows source, MemorySegment src, long at, long rowStride, int rows, boolean signed) {
    int last = product.lastPart(rows % form.block());
    source.take(form, src, at, rowStride, rows, signed, last, last == 0 ? 0 : product.rowsRead(last));
  }

  /** Whether the epilogue needs the sum of each row's bytes. */
  final boolean needsRowSums() {
    return epilogue.needsRowSums();
  }

  /** Multiplies; row scales and zero points may be null. */
  final void multiply(MemorySegment src, long srcStride, MemorySegment rowScales,
      MemorySegment rowZeroPoints, MemorySegment dst, long dstStride, int rows) {
    if (rows == 0) {
      return;
    }
    State state = states.take();
    Call call = state.call;
    try {
      call.src = src;
      call.srcStride = srcStride;
      call.rowScales = rowScales;
      call.rowZeroPoints = rowZeroPoints;
      call.dst = Borrowed.elementView(dst, outputBytes);
      call.dstBase = Borrowed.elementBase(dst, outputBytes);
      call.dstStride = dstStride;
      call.rows = rows;
      split(call, state);
    } finally {
      call.clear();
      states.give(state);
      Reference.reachabilityFence(src);
      Reference.reachabilityFence(dst);
    }
  }

  private void split(Call call, State state) {
    int groups = Math.ceilDiv(call.rows, product.groupRows());
    call.shares = 1;
    int threads = context.workers().threads();
    if (threads > 1 && (long) call.rows * k * n >= PARALLEL_WORK) {
      if (call.rows >= PARALLEL_ROWS * threads) {
        groups = Math.ceilDiv(groups, threads) * threads;
      } else {
        call.shares = Math.min(product.panels(), threads);
      }
    }
    call.groupRows = Math.ceilDiv(call.rows, groups);
    int tiles = Math.ceilDiv(call.rows, call.groupRows) * call.shares;
    if (tiles == 1) {
      call.run(0, state);
    } else {
      context.workers().run(tiles, call);
    }
  }

  /** Memory of weights and tables. */
  final long heldBytes() {
    return product.bytes() + epilogue.bytes();
  }

  /** Scratch memory of a call with one thread. */
  final long scratchOf(long rows) {
    long group = Math.min(rows, product.groupRows());
    long block = Math.min(rows, product.blockRows());
    return group * product.inner() + 4 * block * product.widestPanel() + product.scratchpadBytes()
        + 12L * IntProduct.MAX_ROWS + Staging.bytes();
  }

  @Override
  public void close() {
    states.close();
    product.close();
  }
}
