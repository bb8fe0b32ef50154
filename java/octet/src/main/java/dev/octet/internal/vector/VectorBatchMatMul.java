package dev.octet.internal.vector;

import dev.octet.DataType;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.BatchMatMulKernel;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.internal.epilogue.BatchEpilogue;
import dev.octet.internal.ffm.StatePool;
import dev.octet.internal.pack.Sums;
import dev.octet.internal.pack.Transpose;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Two operands that come with the run. A tile is some rows times some columns of one product: it packs its
 * columns of the right operand into panels, and goes on as a product with fixed weights does.
 */
final class VectorBatchMatMul implements BatchMatMulKernel {
  /** Multiplications, for about 10 us: shorter calls stay on one thread. */
  private static final double ALONE = 500_000;
  private static final int TILES_A_THREAD = 4;
  /** Fewer rows than this do not pay for packing the right operand. */
  private static final int LEAST_ROWS = 32;
  /** Columns of a tile, where panels are no wider: packed, they stay in the second cache. */
  private static final int TILE_COLUMNS = 256;

  private final VectorContext context;
  private final BatchMatMulSpec spec;
  private final int outBytes;
  private final int leftFlip;
  private final String name;
  private final StatePool<Call> calls = new StatePool<>(Call::new);
  private final StatePool<State> states = new StatePool<>(State::new);

  VectorBatchMatMul(VectorContext context, BatchMatMulSpec spec) {
    this.context = context;
    this.spec = spec;
    this.outBytes = spec.output().type().bits() / 8;
    this.leftFlip = spec.left().type() == DataType.U8 ? 0x80 : 0;
    this.name = Names.batchMatMul(spec);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long scratchBytes(long rows) {
    return Scratch.heap() + BatchEpilogue.bytes();
  }

  @Override
  public void run(BatchMatMulCall arguments) {
    Call call = calls.take();
    try {
      boolean shareable = Lent.isShareable(arguments.left()) && Lent.isShareable(arguments.leftScales())
          && Lent.isShareable(arguments.leftZeroPoints()) && Lent.isShareable(arguments.right())
          && Lent.isShareable(arguments.rightScales()) && Lent.isShareable(arguments.rightZeroPoints())
          && Lent.isShareable(arguments.out());
      call.cut(arguments, shareable ? context.workers.threads() : 1);
      boolean shared = call.tiles() > 1 && call.shared;
      call.set(arguments, shared);
      if (shared) {
        context.workers.run(call.tiles(), call);
      } else {
        call.runAll();
      }
    } finally {
      call.close();
      calls.give(call);
      Reference.reachabilityFence(arguments);
    }
  }

  /** A running call: operands, sizes, and how it is cut. */
  private final class Call extends StatePool.State implements Workers.Tiles {
    private final Lent left = new Lent();
    private final Lent leftScales = new Lent();
    private final Lent leftZeroPoints = new Lent();
    private final Lent right = new Lent();
    private final Lent rightScales = new Lent();
    private final Lent rightZeroPoints = new Lent();
    private final Lent out = new Lent();
    private BatchMatMulCall sizes;
    private int width;
    private int tileColumns;
    private int tileRows;
    private int columnTiles;
    private int rowTiles;
    private boolean shared;

    void cut(BatchMatMulCall call, int threads) {
      sizes = call;
      width = Form.PRODUCTS.panelColumns(call.n());
      tileColumns = Math.max(width, TILE_COLUMNS / width * width);
      columnTiles = Math.ceilDiv(call.n(), tileColumns);
      double work = (double) call.batch() * call.m() * call.k() * call.n();
      shared = threads > 1 && work >= ALONE;
      long others = (long) call.batch() * columnTiles;
      int byRows = shared && others < (long) threads * TILES_A_THREAD
          ? (int) Math.min(Math.ceilDiv((long) threads * TILES_A_THREAD, others),
              Math.ceilDiv(call.m(), LEAST_ROWS))
          : 1;
      tileRows = Math.ceilDiv(call.m(), byRows);
      rowTiles = Math.ceilDiv(call.m(), tileRows);
    }

    void set(BatchMatMulCall call, boolean lent) {
      left.set(call.left(), 1, lent);
      leftScales.set(call.leftScales(), 4, lent);
      leftZeroPoints.set(call.leftZeroPoints(), 4, lent);
      right.set(call.right(), 1, lent);
      rightScales.set(call.rightScales(), 4, lent);
      rightZeroPoints.set(call.rightZeroPoints(), 4, lent);
      out.set(call.out(), outBytes, lent);
    }

    int tiles() {
      return Math.multiplyExact(sizes.batch(), rowTiles * columnTiles);
    }

    @Override
    public void run(int number) {
      Scratch scratch = context.scratch.take();
      State state = states.take();
      try {
        state.run(this, scratch, number);
      } finally {
        states.give(state);
        context.scratch.give(scratch);
      }
    }

    void runAll() {
      Scratch scratch = context.scratch.take();
      State state = states.take();
      try {
        for (int number = 0; number < tiles(); number++) {
          state.run(this, scratch, number);
        }
      } finally {
        states.give(state);
        context.scratch.give(scratch);
      }
    }

    @Override
    public void close() {
      sizes = null;
      left.clear();
      leftScales.clear();
      leftZeroPoints.clear();
      right.clear();
      rightScales.clear();
      rightZeroPoints.clear();
      out.clear();
    }
  }

  /** What one running tile has for itself besides a {@link Scratch}. */
  private final class State extends StatePool.State {
    private final BatchEpilogue epilogue = new BatchEpilogue(spec, leftFlip == 0 ? 0 : -128);
    private final int[] columnSums = new int[BatchEpilogue.COLUMNS];
    private final Sums.ColumnSums summer = new Sums.ColumnSums();
    private final Transpose transpose = spec.rightTransposed() ? new Transpose() : null;
    private byte[][] panels = {};
    private MemorySegment[] segments = {};

    void run(Call call, Scratch scratch, int number) {
      BatchMatMulCall sizes = call.sizes;
      int ofProduct = call.rowTiles * call.columnTiles;
      int product = number / ofProduct;
      int row = number % call.rowTiles * call.tileRows;
      int endRow = Math.min(sizes.m(), row + call.tileRows);
      int column = number % ofProduct / call.rowTiles * call.tileColumns;
      int columns = Math.min(call.tileColumns, sizes.n() - column);
      boolean zeroPoints = call.leftZeroPoints.segment != null;
      int count = pack(call, product, column, columns, epilogue.needsColumnSums(zeroPoints));
      long parameter = (sizes.rightBatch() == 0 ? 0 : (long) product * sizes.n()) + column;
      epilogue.columns(columns, sizes.k(), columnSums, zeroPoints, call.rightScales.segment,
          4 * (call.rightScales.first + parameter), call.rightZeroPoints.segment,
          4 * (call.rightZeroPoints.first + parameter));
      boolean rowSums = epilogue.needsRowSums(call.rightZeroPoints.segment != null);
      try {
        for (int first = row; first < endRow; first += Scratch.ROWS) {
          int rows = Math.min(Scratch.ROWS, endRow - first);
          IntegerTile.accumulate(scratch, panels, 0, count, call.width, call.left.segment,
              call.left.first + product * sizes.leftBatch() + first * sizes.leftRow(), sizes.leftRow(), rows,
              sizes.k(), leftFlip, true, rowSums);
          long leftRow = (sizes.leftBatch() == 0 ? 0 : (long) product * sizes.m()) + first;
          scratch.rows(call.leftScales.segment, call.leftScales.first + leftRow,
              call.leftZeroPoints.segment, call.leftZeroPoints.first + leftRow, rows);
          scratch.staging.accumulators(scratch.accumulatorSegment, 0, (long) count * call.width);
          scratch.staging.output(call.out.segment,
              call.out.first + product * sizes.outBatch() + first * sizes.outRow() + column, sizes.outRow());
          epilogue.apply(scratch.staging, rows);
        }
      } finally {
        scratch.staging.clear();
      }
    }

    /** Packs columns of a right operand, as S8, and adds them up where that is wanted; how many panels. */
    private int pack(Call call, int product, int column, int columns, boolean summed) {
      BatchMatMulCall sizes = call.sizes;
      int k = sizes.k();
      int width = call.width;
      int count = Math.ceilDiv(columns, width);
      room(count, Math.multiplyExact(k, width));
      long from = call.right.first + product * sizes.rightBatch();
      long stride = sizes.rightRow();
      for (int panel = 0; panel < count; panel++) {
        int first = column + panel * width;
        int some = Math.min(width, columns - panel * width);
        if (transpose != null) {
          transpose.write(call.right.segment, from + first * stride, stride, segments[panel], 0, width, some,
              k);
        } else {
          Panels.pack(call.right.segment, from + first, stride, k, some, panels[panel], width);
        }
        if (spec.right().type() == DataType.U8) {
          flip(panels[panel], k * width);
        }
        if (summed) {
          summer.write(segments[panel], 0, width, k, some, columnSums, panel * width);
        }
      }
      return count;
    }

    private void room(int count, int bytes) {
      if (panels.length < count || panels[0].length < bytes) {
        int length = panels.length == 0 ? bytes : Math.max(bytes, panels[0].length);
        panels = new byte[Math.max(count, panels.length)][length];
        segments = new MemorySegment[panels.length];
        for (int panel = 0; panel < panels.length; panel++) {
          segments[panel] = MemorySegment.ofArray(panels[panel]);
        }
      }
    }

    @Override
    public void close() {
      // arrays only
    }
  }

  private static void flip(byte[] bytes, int count) {
    for (int i = 0; i < count; i++) {
      bytes[i] ^= (byte) 0x80;
    }
  }
}
