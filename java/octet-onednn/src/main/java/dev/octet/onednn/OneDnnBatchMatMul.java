package dev.octet.onednn;

import dev.octet.DataType;
import dev.octet.engine.BackendContext;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.BatchMatMulKernel;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.internal.call.BatchCall;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.Operand;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.epilogue.BatchEpilogue;
import dev.octet.internal.epilogue.Staging;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.pack.Signs;
import dev.octet.internal.pack.Sums;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Products of two run-time operands, exact: oneDNN stops at the accumulator. The left operand is carried as
 * unsigned, the right one as signed bytes; a panel of its columns is copied, padded and summed up, unless it
 * lies in memory as oneDNN reads it.
 *
 * <p>
 * Sizes come at run time and grow token by token where keys and values are cached. So all three are rounded
 * up (rows and columns too many are not looked at, inner elements too many are 0 on the right), which bounds
 * the compilations, and as many compiled shapes as are used at once are kept.
 */
final class OneDnnBatchMatMul
    extends
      TiledKernel<OneDnnBatchMatMul.Call, OneDnnBatchMatMul.State>
    implements
      BatchMatMulKernel {
  private static final String OP = "batchMatMul";

  /** Products of four bytes are summed by one instruction. */
  private static final int INNER = 4;
  /** 32-bit lanes of the widest register. */
  private static final int LANES = 16;
  private static final int SHAPES = 64;
  private static final int MAX_COLUMNS = 512;
  private static final int MAX_BLOCK = 256;
  private static final int MAX_BAND = 1024;
  private static final int ACCUMULATOR_BYTES = 128 << 10;
  private static final int OPERAND_BYTES = 512 << 10;

  private final BatchMatMulSpec spec;
  private final Int8Rule rule;
  private final BackendContext context;
  private final boolean leftSigned;
  private final boolean rightUnsigned;
  private final int outputBytes;
  /** Whether the inner dimension is there twice, with halves of the right operand. */
  private final boolean doubled;
  /** Whether the inner dimension is cut into pieces, see {@link ExactSums}. */
  private final boolean bounded;
  private final String name;
  private final ShapeCache<Runner> compiled = new ShapeCache<>(SHAPES, this::compile);

  /**
   * Looks whether oneDNN may run at all.
   *
   * @throws UnsupportedOperationException if it may not
   */
  OneDnnBatchMatMul(BackendContext context, Int8Rule rule, BatchMatMulSpec spec) {
    super(context.workers());
    this.spec = spec;
    this.rule = rule;
    this.context = context;
    this.leftSigned = spec.left().type() == DataType.S8;
    this.rightUnsigned = spec.right().type() == DataType.U8;
    this.outputBytes = spec.output().type().bits() / 8;
    int typical = 64;
    try (Handle description = describe(typical, typical, typical, typical)) {
      String implementation = Dnnl.implementation(description);
      this.doubled = rule.form(implementation, OP) == Int8Rule.Form.SPLIT;
      this.bounded = !ExactSums.keeps(implementation);
      this.name = "onednn:" + implementation + (doubled ? "+split" : "")
          + Names.epilogue(spec.output().type());
    } catch (DnnlException e) {
      throw e.orUnsupported(OP);
    }
  }

  private Handle describe(int rows, int inner, int stride, int columns) {
    try (Handle right = Dnnl.desc(Dnnl.S8, spec.rightTransposed() ? Dnnl.TAG_BA : Dnnl.TAG_AB, inner,
        columns)) {
      return IntProduct.describe(rows, inner, stride, right, columns);
    }
  }

  private static long shape(int rows, SourceRows.Form form, int columns) {
    return (long) RowCounts.index(rows) << 56 | (long) form.pieces() << 32
        | (long) RowCounts.index(form.piece() / INNER) << 16 | RowCounts.index(Math.ceilDiv(columns, LANES));
  }

  /** How left rows lie. */
  private SourceRows.Form form(int k, int block) {
    int most = ExactSums.anyPiece() / INNER * INNER;
    int piece = bounded && k > most ? most : padded(k);
    return new SourceRows.Form(k, Math.ceilDiv(k, piece), piece, doubled, block);
  }

  /** Bytes that k elements are rounded up to. */
  private static int padded(int k) {
    return Math.multiplyExact(INNER, RowCounts.rows(RowCounts.index(Math.ceilDiv(k, INNER))));
  }

  /** Columns that so many are rounded up to. */
  private static int width(int columns) {
    return LANES * RowCounts.rows(RowCounts.index(Math.ceilDiv(columns, LANES)));
  }

  private Runner compile(long shape) {
    int rows = RowCounts.rows((int) (shape >>> 56));
    int pieces = (int) (shape >>> 32) & 0xffffff;
    int piece = INNER * RowCounts.rows((int) (shape >>> 16) & 0xffff);
    int columns = LANES * RowCounts.rows((int) shape & 0xffff);
    int inner = doubled ? Math.multiplyExact(2, piece) : piece;
    try (Handle description = describe(rows, inner, Math.multiplyExact(pieces, inner), columns)) {
      String implementation = Dnnl.implementation(description);
      boolean saturates = rule.form(implementation, OP) == Int8Rule.Form.SPLIT && !doubled;
      if (saturates || (!bounded && !ExactSums.keeps(implementation))) {
        throw new UnsupportedOperationException(
            OP + ": oneDNN would run " + implementation + " for " + description
                + ", which is not exact");
      }
      return new Runner(description, null);
    } catch (DnnlException e) {
      throw e.orUnsupported(OP);
    }
  }

  @Override
  protected Call newCall() {
    return new Call();
  }

  @Override
  protected State newState() {
    return new State();
  }

  @Override
  public void run(BatchMatMulCall arguments) {
    Call call = begin();
    try {
      call.set(arguments, 1, outputBytes);
      cut(call);
      run(call, call.tiles);
    } finally {
      end(call);
    }
  }

  private void cut(Call call) {
    BatchMatMulCall a = call.sizes;
    if (call.form == null || call.form.k() != a.k()) {
      call.form = form(a.k(), 1);
    }
    int inner = call.form.inner();
    // Whole multiples of the widest register within the bounds, or all columns in one panel.
    int most = Math.clamp((long) OPERAND_BYTES / inner / LANES * LANES, LANES, MAX_COLUMNS);
    call.panelColumns = Math.min(a.n(), most);
    int wide = width(call.panelColumns);
    int block = RowCounts.rows(RowCounts
        .index(Math.clamp(Math.min(ACCUMULATOR_BYTES / 4 / wide, OPERAND_BYTES / inner), 1, MAX_BLOCK)));
    if (call.form.block() != block) {
      call.form = form(a.k(), block);
    }
    int band = Math.clamp(2 * OPERAND_BYTES / inner, block, MAX_BAND) / block * block;
    call.panels = Math.ceilDiv(a.n(), call.panelColumns);
    int bands = Math.ceilDiv(a.m(), band);
    call.shares = 1;
    double nanos = (double) a.batch() * a.m() * a.k() * a.n() / RowKernel.MACS_PER_NANO;
    call.tiles = Cutting.ONEDNN_BATCH.tiles(nanos, threads());
    if (call.tiles > 1 && (long) a.batch() * bands < threads()) {
      bands = Math.clamp(Math.ceilDiv(threads(), a.batch()), bands, Math.max(bands, a.m() / LANES));
      call.shares = Math.clamp(Math.ceilDiv(threads(), a.batch() * bands), 1, call.panels);
    }
    call.bandRows = Math.ceilDiv(a.m(), bands);
    call.bands = Math.ceilDiv(a.m(), call.bandRows);
    call.units = (long) a.batch() * call.bands * call.shares;
    call.tiles = (int) Math.min(call.tiles, call.units);
  }

  @Override
  protected void tile(Call call, State state, int tile) {
    state.loadedFrom = -1;
    for (long unit = call.units * tile / call.tiles; unit < call.units * (tile + 1) / call.tiles; unit++) {
      int share = (int) (unit % call.shares);
      int band = (int) (unit / call.shares % call.bands);
      int product = (int) (unit / call.shares / call.bands);
      int first = band * call.bandRows;
      state.run(call, product, first, Math.min(call.bandRows, call.sizes.m() - first),
          call.panels * share / call.shares, call.panels * (share + 1) / call.shares);
    }
  }

  /** A running call, cut into units: a band of rows of one product times some of its panels. */
  static final class Call extends BatchCall {
    private SourceRows.Form form;
    private int panelColumns;
    private int panels;
    private int bandRows;
    private int bands;
    private int shares;
    private long units;
    private int tiles;
  }

  /** One running tile's own. */
  final class State extends StatePool.State {
    private final Group owned = new Group();
    private final SourceRows left = owned.add(new SourceRows());
    private final Scratch right = owned.add(new Scratch());
    private final Scratch accumulators = owned.add(new Scratch());
    private final Scratch addends = owned.add(new Scratch());
    private final NativeMemory parameters = owned.add(NativeMemory.allocate(3L * 4 * MAX_BAND));
    private final MemorySegment rowScales = parameters.segment().asSlice(0, 4L * MAX_BAND);
    private final MemorySegment rowZeroPoints = parameters.segment().asSlice(4L * MAX_BAND, 4L * MAX_BAND);
    private final MemorySegment rowSums = parameters.segment().asSlice(8L * MAX_BAND, 4L * MAX_BAND);
    private final Staging staging = owned.add(new Staging(context.isa()));
    private final BatchEpilogue epilogue = new BatchEpilogue(spec, leftSigned ? 128 : 0);
    private final int[] columnSums = new int[MAX_COLUMNS];
    private final int[] pieceSums = new int[MAX_COLUMNS];
    private final Sums.ColumnSums summing = new Sums.ColumnSums();
    private long rightAddress;
    private MemorySegment rightKeep = MemorySegment.NULL;
    /** Where the panel began that is loaded; -1: none is. */
    private long loadedFrom;
    private int loadedColumns;

    void run(Call call, int product, int first, int rows, int firstPanel, int endPanel) {
      BatchMatMulCall a = call.sizes;
      SourceRows.Form form = call.form;
      // A repeated operand repeats its scales and zero points too.
      long firstRow = (a.leftBatch() == 0 ? 0 : (long) product * a.m()) + first;
      copy(call.leftScales, firstRow, rowScales, rows);
      copy(call.leftZeroPoints, firstRow, rowZeroPoints, rows);
      int last = rows % form.block();
      while (last > 0 && RowCounts.part(last) < last) {
        last -= RowCounts.part(last);
      }
      left.take(form, call.left, product * a.leftBatch() + first * a.leftRow(), a.leftRow(), rows, leftSigned,
          last,
          last == 0 ? 0 : RowCounts.rows(RowCounts.index(last)));
      if (epilogue.needsRowSums(call.rightZeroPoints.isGiven())) {
        left.sums(form, rows, rowSums);
      }
      for (int panel = firstPanel; panel < endPanel; panel++) {
        int c0 = panel * call.panelColumns;
        int columns = Math.min(call.panelColumns, a.n() - c0);
        load(call, form, product, c0, columns);
        long firstColumn = (a.rightBatch() == 0 ? 0 : (long) product * a.n()) + c0;
        epilogue.columns(columns, a.k(), columnSums, call.leftZeroPoints.isGiven(), call.rightScales.segment,
            4 * (call.rightScales.first + firstColumn), call.rightZeroPoints.segment,
            4 * (call.rightZeroPoints.first + firstColumn));
        long out = call.out.first + product * a.outBatch() + c0;
        int some;
        for (int row = 0; row < rows; row += some) {
          some = RowCounts.part(Math.min(form.block(), rows - row));
          multiply(call, row, some, columns, out + (first + row) * a.outRow());
        }
      }
    }

    private void multiply(Call call, int row, int count, int columns, long out) {
      SourceRows.Form form = call.form;
      int wide = width(columns);
      long elements = (long) RowCounts.rows(RowCounts.index(count)) * wide;
      NativeMemory sums = accumulators.memory(4 * elements);
      ShapeCache.Entry<Runner> entry = compiled.acquire(shape(count, form, columns));
      try {
        for (int piece = 0; piece < form.pieces(); piece++) {
          NativeMemory result = piece == 0 ? sums : addends.memory(4 * elements);
          entry.value().run(left.address(row) + (long) piece * form.pieceBytes(),
              rightAddress + (long) piece * form.pieceBytes() * wide, result.address(), left.keep(row),
              rightKeep);
          if (piece > 0) {
            IntProduct.add(result.segment(), sums.segment(), elements);
          }
        }
      } finally {
        compiled.release(entry);
      }
      staging.accumulators(sums.segment(), 0, wide);
      staging.rows(rowScales, rowZeroPoints, rowSums, row);
      staging.output(call.out.segment, out, call.sizes.outRow());
      epilogue.apply(staging, count);
    }

    /** Brings a panel of the right operand into the form that the product reads, and sums up its columns. */
    private void load(Call call, SourceRows.Form form, int product, int c0, int columns) {
      BatchMatMulCall a = call.sizes;
      long at = product * a.rightBatch() + (spec.rightTransposed() ? c0 * a.rightRow() : c0);
      if (at == loadedFrom && columns == loadedColumns) {
        return; // an operand that is repeated for the next product
      }
      MemorySegment view = call.right.segment;
      long from = call.right.first + at;
      int wide = width(columns);
      boolean wanted = epilogue.needsColumnSums(call.leftZeroPoints.isGiven());
      boolean dense = a.rightRow() == (spec.rightTransposed() ? a.k() : wide);
      boolean plain = !rightUnsigned && !doubled && form.inner() == a.k() && form.pieces() == 1;
      if (dense && plain && columns == wide && !call.right.isHeap()) {
        rightAddress = call.right.address + at;
        rightKeep = call.right.keep;
        if (wanted) {
          sum(view, from, a.rightRow(), a.k(), columns, columnSums);
        }
      } else {
        NativeMemory to = right.memory((long) wide * form.inner());
        rightAddress = to.address();
        rightKeep = MemorySegment.NULL;
        Arrays.fill(columnSums, 0, columns, 0);
        for (int piece = 0; piece < form.pieces(); piece++) {
          int first = piece * form.piece();
          int k = Math.min(form.piece(), a.k() - first);
          long target = (long) piece * form.pieceBytes() * wide;
          if (spec.rightTransposed()) {
            copyRows(view, from + first, a.rightRow(), to.segment(), target, form, k, columns);
          } else {
            copyColumns(view, from + first * a.rightRow(), a.rightRow(), to.segment(), target, form, k,
                columns);
          }
          if (wanted) {
            sum(to.segment(), target, spec.rightTransposed() ? form.pieceBytes() : wide, k, columns,
                pieceSums);
            for (int c = 0; c < columns; c++) {
              columnSums[c] += pieceSums[c];
            }
          }
          split(to.segment(), target, form, columns);
        }
      }
      loadedFrom = at;
      loadedColumns = columns;
    }

    /** Rows of K bytes each. */
    private void copyRows(MemorySegment src, long from, long stride, MemorySegment to, long target,
        SourceRows.Form form, int k, int columns) {
      for (int c = 0; c < columns; c++) {
        long row = target + (long) c * form.pieceBytes();
        MemorySegment.copy(src, from + c * stride, to, row, k);
        if (rightUnsigned) {
          Signs.flip(to, row, k);
        }
        zero(to, row + k, form.piece() - k);
      }
    }

    /** K rows of columns. */
    private void copyColumns(MemorySegment src, long from, long stride, MemorySegment to, long target,
        SourceRows.Form form, int k, int columns) {
      int wide = width(columns);
      for (int i = 0; i < k; i++) {
        MemorySegment.copy(src, from + i * stride, to, target + (long) i * wide, columns);
      }
      if (rightUnsigned) {
        Signs.flip(to, target, (long) k * wide);
      }
      zero(to, target + (long) k * wide, (long) (form.piece() - k) * wide);
    }

    /** Puts the second halves behind the first: in each row where transposed, else behind all rows. */
    private void split(MemorySegment memory, long from, SourceRows.Form form, int columns) {
      if (!doubled) {
        return;
      }
      if (spec.rightTransposed()) {
        for (int c = 0; c < columns; c++) {
          long row = from + (long) c * form.pieceBytes();
          Halves.split(memory, row, form.piece(), row + form.piece());
        }
      } else {
        long half = (long) form.piece() * width(columns);
        Halves.split(memory, from, half, from + half);
      }
    }

    /** Sums up the columns of the signed right operand. */
    private void sum(MemorySegment right, long from, long stride, int k, int columns, int[] to) {
      if (spec.rightTransposed()) {
        for (int c = 0; c < columns; c++) {
          to[c] = Sums.signed(right, from + c * stride, k);
        }
      } else {
        summing.write(right, from, stride, k, columns, to, 0);
      }
    }

    @Override
    protected void clear() {
      left.clear();
      rightKeep = MemorySegment.NULL;
      staging.clear();
    }

    @Override
    public void close() {
      owned.close();
    }
  }

  private static void zero(MemorySegment memory, long from, long bytes) {
    for (long i = from; i < from + bytes; i++) {
      memory.set(ValueLayout.JAVA_BYTE, i, (byte) 0);
    }
  }

  private static void copy(Operand all, long first, MemorySegment ofBand, int rows) {
    if (all.isGiven()) {
      MemorySegment.copy(all.segment, 4 * (all.first + first), ofBand, 0, 4L * rows);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long scratchBytes(long rows) {
    // Sizes come with the run: what a band of so many rows takes whose operands fill their bounds.
    return 4L * OPERAND_BYTES + ACCUMULATOR_BYTES + 12L * MAX_BAND + Staging.bytes() + BatchEpilogue.bytes();
  }

  @Override
  public void close() {
    super.close();
    compiled.close();
  }
}
