package dev.octet.internal.vector.products;

import dev.octet.DataType;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.BatchMatMulKernel;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.epilogue.BatchEpilogue;
import dev.octet.internal.pack.Sums;
import dev.octet.internal.pack.Transpose;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.common.Names;
import dev.octet.internal.vector.common.Scratch;
import dev.octet.internal.vector.common.VectorContext;
import java.lang.foreign.MemorySegment;

/**
 * Two operands that come with the run. A tile is some rows times some columns of one product: it packs its
 * columns of the right operand into panels, and goes on as a product with fixed weights does.
 */
public final class VectorBatchMatMul extends TiledKernel<ProductTiles, VectorBatchMatMul.State>
    implements
      BatchMatMulKernel {
  private final VectorContext context;
  private final BatchMatMulSpec spec;
  private final int outBytes;
  private final int leftFlip;
  private final String name;

  public VectorBatchMatMul(VectorContext context, BatchMatMulSpec spec) {
    super(context.workers);
    this.context = context;
    this.spec = spec;
    this.outBytes = spec.output().type().bits() / 8;
    this.leftFlip = spec.left().type() == DataType.U8 ? 0x80 : 0;
    this.name = Names.batchMatMul(spec);
  }

  @Override
  protected ProductTiles newCall() {
    return new ProductTiles();
  }

  @Override
  protected State newState() {
    return new State();
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
    ProductTiles call = begin();
    try {
      call.set(arguments, 1, outBytes);
      call.cut(threads(call), Form.MACS_PER_NANO);
      run(call, call.tiles());
    } finally {
      end(call);
    }
  }

  @Override
  protected void tile(ProductTiles call, State state, int number) {
    Scratch scratch = context.scratch.take();
    try {
      state.run(call, scratch, number);
    } finally {
      context.scratch.give(scratch);
    }
  }

  /** What a running tile has for itself besides a {@link Scratch}. */
  final class State extends StatePool.State {
    private final BatchEpilogue epilogue = new BatchEpilogue(spec, leftFlip == 0 ? 0 : -128);
    private final int[] columnSums = new int[BatchEpilogue.COLUMNS];
    private final Sums.ColumnSums summer = new Sums.ColumnSums();
    private final Transpose transpose = spec.rightTransposed() ? new Transpose() : null;
    private byte[][] panels = {};
    private MemorySegment[] segments = {};

    void run(ProductTiles call, Scratch scratch, int number) {
      BatchMatMulCall sizes = call.sizes;
      int product = call.product(number);
      int endRow = call.endRow(number);
      int column = call.column(number);
      int columns = call.columns(number);
      boolean zeroPoints = call.leftZeroPoints.segment != null;
      int count = pack(call, product, column, columns, epilogue.needsColumnSums(zeroPoints));
      long parameter = (sizes.rightBatch() == 0 ? 0 : (long) product * sizes.n()) + column;
      epilogue.columns(columns, sizes.k(), columnSums, zeroPoints, call.rightScales.segment,
          4 * (call.rightScales.first + parameter), call.rightZeroPoints.segment,
          4 * (call.rightZeroPoints.first + parameter));
      boolean rowSums = epilogue.needsRowSums(call.rightZeroPoints.segment != null);
      for (int first = call.row(number); first < endRow; first += Scratch.ROWS) {
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
    }

    /** Packs columns of a right operand, as S8, and adds them up where that is wanted; how many panels. */
    private int pack(ProductTiles call, int product, int column, int columns, boolean summed) {
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
  }

  private static void flip(byte[] bytes, int count) {
    for (int i = 0; i < count; i++) {
      bytes[i] ^= (byte) 0x80;
    }
  }
}
