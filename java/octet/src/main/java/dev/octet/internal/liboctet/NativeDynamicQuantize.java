package dev.octet.internal.liboctet;

import dev.octet.DataType;
import dev.octet.engine.BackendContext;
import dev.octet.engine.DynamicQuantizeKernel;
import dev.octet.internal.call.Call;
import dev.octet.internal.call.Copies;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.Operand;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rows of F32 to U8 with parameters taken from the row. Many rows are shared out as rows. A few long ones are
 * cut: their parts find their ranges first, and are quantized when the range of the row is known.
 */
final class NativeDynamicQuantize
    extends
      TiledKernel<NativeDynamicQuantize.Rows, Copies>
    implements
      DynamicQuantizeKernel {
  /** A row costs so much beside its elements. */
  private static final double ROW_NANOS = 30;
  /** Heap memory is copied in tiles of about so many elements, which L2 keeps. */
  private static final long COPIED_ELEMENTS = Cutting.COPIED_BYTES / Float.BYTES;
  /** A range: two floats. */
  private static final long RANGE_BYTES = 8;

  private final double elementsPerNano;
  private final int rangeKernel;
  private final int kernel;
  private final String name;

  NativeDynamicQuantize(BackendContext context) {
    super(context.workers());
    int tier = Names.tier(context.isa());
    // Two passes, the second one over what a cache holds.
    this.elementsPerNano = StreamKernel.rate(context.isa()) * 2 / 3;
    this.rangeKernel = ElementFunctions.rangeKernel(tier);
    this.kernel = ElementFunctions.quantizeKernel(tier, Names.type(DataType.U8), false);
    this.name = Names.of(kernel);
  }

  @Override
  protected Rows newCall() {
    return new Rows();
  }

  @Override
  protected Copies newState() {
    return new Copies();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, MemorySegment scales, MemorySegment zeroPoints,
      int rows, long columns) {
    if (rows == 0) {
      return;
    }
    double nanos = rows * (columns / elementsPerNano + ROW_NANOS);
    if (nanos <= Cutting.QUICK_NANOS) {
      ElementFunctions.rowsQuick(rangeKernel, kernel, src, dst, scales, zeroPoints, rows, columns);
      return;
    }
    boolean copied = !(src.isNative() && dst.isNative() && scales.isNative() && zeroPoints.isNative());
    int tiles = Cutting.STREAM.tiles(nanos, threads());
    if (tiles == 1 && !copied) {
      ElementFunctions.rowsWhole(rangeKernel, kernel, src, dst, scales, zeroPoints, rows, columns);
      return;
    }
    double tileNanos = nanos / tiles;
    Rows call = begin();
    try {
      call.set(src, dst, scales, zeroPoints, rows, columns);
      if ((tiles > 1 && rows < 2 * threads()) || (copied && columns > COPIED_ELEMENTS)) {
        long part = copied ? COPIED_ELEMENTS : columns;
        runParts(call, Math.min(part, (long) (tileNanos * elementsPerNano)));
      } else {
        double rowsOfTile = tileNanos / (columns / elementsPerNano + ROW_NANOS);
        double rowsCopied = copied ? (double) COPIED_ELEMENTS / Math.max(1, columns) : rows;
        call.rowsPerTile = (int) Math.clamp(Math.min(rowsOfTile, rowsCopied), 1, rows);
        call.phase = Phase.ROWS;
        run(call, Math.ceilDiv(rows, call.rowsPerTile));
      }
    } finally {
      end(call);
    }
  }

  /** Row after row, each in parts. */
  private void runParts(Rows call, long wanted) {
    // No more parts than an int can count.
    call.part = Math.ceilDiv(Math.max(wanted, call.columns >>> 30), Cutting.GRAIN) * Cutting.GRAIN;
    int parts = (int) Math.ceilDiv(call.columns, call.part);
    // Range, scale and zero point of the row come before the ranges of the parts.
    call.ranges = NativeMemory.grown(call.ranges, RANGE_BYTES * (2L + parts));
    MemorySegment ranges = call.ranges.segment();
    for (int row = 0; row < call.rows; row++) {
      call.row = row;
      call.phase = Phase.RANGES;
      run(call, parts);
      float min = 0;
      float max = 0;
      for (int i = 0; i < parts; i++) {
        // NaN stays.
        min = Math.min(min, ranges.get(ValueLayout.JAVA_FLOAT, RANGE_BYTES * (2 + i)));
        max = Math.max(max, ranges.get(ValueLayout.JAVA_FLOAT, RANGE_BYTES * (2 + i) + 4));
      }
      ranges.set(ValueLayout.JAVA_FLOAT, 0, min);
      ranges.set(ValueLayout.JAVA_FLOAT, 4, max);
      call.phase = Phase.PARTS;
      run(call, parts);
      call.scales.segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * (call.scales.first + row),
          ranges.get(ValueLayout.JAVA_FLOAT, RANGE_BYTES));
      call.zeroPoints.segment.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * (call.zeroPoints.first + row),
          ranges.get(ValueLayout.JAVA_INT, RANGE_BYTES + 4));
    }
  }

  @Override
  protected void tile(Rows call, Copies copies, int number) {
    switch (call.phase) {
      case ROWS -> rows(call, copies, number);
      case RANGES -> range(call, copies, number);
      case PARTS -> part(call, copies, number);
    }
  }

  private void rows(Rows call, Copies copies, int number) {
    int first = number * call.rowsPerTile;
    int count = Math.min(call.rowsPerTile, call.rows - first);
    long elements = count * call.columns;
    long offset = first * call.columns;
    copies.begin(call, 5 * elements + 8L * count);
    long src = copies.in(call.src, 4 * offset, 4 * elements);
    long scales = copies.out(call.scales, 4L * first, 4L * count);
    long zeroPoints = copies.out(call.zeroPoints, 4L * first, 4L * count);
    long dst = copies.out(call.dst, offset, elements);
    ElementFunctions.rowsTile(rangeKernel, kernel, src, dst, scales, zeroPoints, count, call.columns,
        call.src.keep, call.dst.keep, call.scales.keep, call.zeroPoints.keep);
    copies.back(dst, call.dst, offset, elements);
    copies.back(scales, call.scales, 4L * first, 4L * count);
    copies.back(zeroPoints, call.zeroPoints, 4L * first, 4L * count);
  }

  private void range(Rows call, Copies copies, int number) {
    long count = call.partLength(number);
    copies.begin(call, 4 * count);
    ElementFunctions.rangeTile(rangeKernel, copies.in(call.src, 4 * call.partAt(number), 4 * count), count,
        call.ranges.address() + RANGE_BYTES * (2 + number), call.src.keep);
  }

  private void part(Rows call, Copies copies, int number) {
    long count = call.partLength(number);
    long offset = call.partAt(number);
    copies.begin(call, 5 * count);
    long src = copies.in(call.src, 4 * offset, 4 * count);
    long dst = copies.out(call.dst, offset, count);
    // One of the parts says what scale and zero point are.
    boolean first = number == 0;
    long ranges = call.ranges.address();
    ElementFunctions.rangeQuantizeTile(kernel, ranges, src, dst, count, first ? ranges + RANGE_BYTES : 0,
        first ? ranges + RANGE_BYTES + 4 : 0, call.src.keep, call.dst.keep);
    copies.back(dst, call.dst, offset, count);
  }

  /** What a tile is. */
  private enum Phase {
    /** Some rows. */
    ROWS,
    /** The range of a part of a row. */
    RANGES,
    /** A part of a row whose range is known. */
    PARTS
  }

  /** A running call. */
  static final class Rows extends Call {
    private final Operand src = operand();
    private final Operand dst = operand();
    private final Operand scales = operand();
    private final Operand zeroPoints = operand();
    private NativeMemory ranges;
    private long columns;
    private Phase phase;
    private int rows;
    private int rowsPerTile;
    private int row;
    private long part;

    private void set(MemorySegment x, MemorySegment y, MemorySegment scale, MemorySegment zeroPoint,
        int count, long rowLength) {
      src.set(x, Float.BYTES);
      dst.set(y, 1);
      scales.set(scale, Float.BYTES);
      zeroPoints.set(zeroPoint, Integer.BYTES);
      rows = count;
      columns = rowLength;
    }

    private long partAt(int number) {
      return row * columns + number * part;
    }

    private long partLength(int number) {
      return Math.min(part, columns - number * part);
    }

    @Override
    public void close() {
      if (ranges != null) {
        ranges.close();
      }
    }
  }
}
