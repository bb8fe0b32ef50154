package dev.octet.onednn;

import dev.octet.DataType;
import dev.octet.engine.BackendContext;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.Grid;
import dev.octet.internal.call.Operand;
import dev.octet.internal.call.RowCall;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.epilogue.Staging;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;

/**
 * Rows times fixed weights: the source rows become unsigned bytes, oneDNN makes accumulators of them, the
 * epilogue makes results of those. What rows are before is a subclass's affair.
 *
 * <p>
 * A tile of a call is a band of rows times some panels of columns: it prepares its rows once and then goes
 * through panels outside, blocks of rows inside. Many rows are shared among threads by bands, few rows by
 * panels.
 */
abstract class RowKernel extends TiledKernel<RowCall, RowKernel.State> {
  /** Multiplications in a nanosecond with VNNI, for cutting calls. */
  static final double MACS_PER_NANO = 375;
  /** Fewer rows for each thread than this are shared by panels. */
  private static final int LEAST_ROWS = 32;

  private final int k;
  private final int n;
  private final IntProduct product;
  final SourceRows.Form form;
  private final Epilogue epilogue;
  private final int sourceBytes;
  private final int outputBytes;
  private final BackendContext context;

  /**
   * Over packed weights.
   *
   * @param context the threads that share a call, and the tier of kernels beside oneDNN's
   * @param product the packed weights; closed with this
   * @param epilogue from accumulators to results
   * @param k source elements of a row
   * @param n result elements of a row
   * @param source the type of the source
   * @param output the type of the results
   */
  RowKernel(BackendContext context, IntProduct product, Epilogue epilogue, int k, int n, DataType source,
      DataType output) {
    super(context.workers());
    this.context = context;
    this.product = product;
    this.form = product.sourceForm();
    this.epilogue = epilogue;
    this.k = k;
    this.n = n;
    this.sourceBytes = source.bits() / 8;
    this.outputBytes = output.bits() / 8;
  }

  @Override
  protected RowCall newCall() {
    return new RowCall(new Grid(product.panels(), 1, LEAST_ROWS, 1));
  }

  @Override
  protected State newState() {
    return new State();
  }

  /** One running tile's own. */
  final class State extends StatePool.State {
    private final Group owned = new Group();
    private final IntProduct.Lane lane = owned.add(product.new Lane());
    final SourceRows source = owned.add(new SourceRows());
    private final NativeMemory parameters = owned.add(NativeMemory.allocate(3L * 4 * IntProduct.MAX_ROWS));
    /** F32, one a row of the band; as the two below, written where the epilogue reads it. */
    final MemorySegment rowScales = parameters.segment().asSlice(0, 4L * IntProduct.MAX_ROWS);
    /** S32, one a row of the band. */
    final MemorySegment rowZeroPoints = parameters.segment().asSlice(4L * IntProduct.MAX_ROWS,
        4L * IntProduct.MAX_ROWS);
    /** S32, one a row of the band: the sum of its bytes. */
    final MemorySegment rowSums = parameters.segment().asSlice(8L * IntProduct.MAX_ROWS,
        4L * IntProduct.MAX_ROWS);
    final Staging staging = owned.add(new Staging(context.isa()));

    private void multiply(RowCall call, int first, int rows, int panel) {
      int c0 = product.firstColumn(panel);
      int block = product.blockRows();
      int count;
      for (int row = 0; row < rows; row += count) {
        count = product.part(Math.min(block, rows - row));
        MemorySegment accumulators = lane.multiply(panel, count, source.address(row), source.keep(row));
        staging.accumulators(accumulators, 0, lane.stride(panel));
        staging.rows(rowScales, rowZeroPoints, rowSums, row);
        staging.output(call.dst.segment, call.dst.first + (first + row) * call.dstStride + c0,
            call.dstStride);
        epilogue.apply(staging, count, c0, c0 + product.columns(panel));
      }
    }

    @Override
    protected void clear() {
      staging.clear();
      source.clear();
    }

    @Override
    public void close() {
      owned.close();
    }
  }

  @Override
  protected final void tile(RowCall call, State state, int number) {
    int first = call.grid.firstRow(number);
    int count = call.grid.rows(number);
    prepare(state, call, first, count);
    for (int panel = call.grid.firstPanel(number); panel < call.grid.endPanel(number); panel++) {
      state.multiply(call, first, count, panel);
    }
  }

  /**
   * Brings a band of source rows into the form that the product reads, and into the state what the epilogue
   * wants of rows: scales and zero points where they differ from row to row, sums where
   * {@link #needsRowSums}.
   *
   * @param state the tile's own
   * @param call the arguments
   * @param first the first row
   * @param rows how many, at most {@link IntProduct#bandRows}
   */
  abstract void prepare(State state, RowCall call, int first, int rows);

  /** Brings the caller's rows into the form of the product. */
  final void take(SourceRows source, Operand src, long at, long rowStride, int rows, boolean signed) {
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
    RowCall call = begin();
    try {
      call.set(src, sourceBytes, srcStride, rowScales, rowZeroPoints, dst, outputBytes, dstStride, rows);
      double nanos = (double) rows * k * n / MACS_PER_NANO;
      call.grid.cut(rows, Cutting.ONEDNN.tiles(nanos, threads()), 0, product.bandRows());
      run(call, call.grid.tiles());
    } finally {
      end(call);
    }
  }

  /** Memory of weights and tables. */
  final long heldBytes() {
    return product.bytes() + epilogue.bytes();
  }

  /** Scratch memory of a call with one thread. */
  final long scratchOf(long rows) {
    long band = Math.min(rows, product.bandRows());
    long block = Math.min(rows, product.blockRows());
    return band * product.inner() + 4 * block * product.widestPanel() + product.scratchpadBytes()
        + 12L * IntProduct.MAX_ROWS + Staging.bytes();
  }

  @Override
  public void close() {
    super.close();
    product.close();
  }
}
