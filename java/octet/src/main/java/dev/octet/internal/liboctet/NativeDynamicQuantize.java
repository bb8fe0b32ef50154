package dev.octet.internal.liboctet;

import dev.octet.DataType;
import dev.octet.engine.BackendContext;
import dev.octet.engine.DynamicQuantizeKernel;
import dev.octet.internal.ffm.NativeLibrary;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import dev.octet.internal.ffm.StatePool;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/**
 * Rows of F32 to U8 with parameters taken from the row. Many rows are shared out as rows. A few long ones are
 * cut: their parts find their ranges first, and are quantized when the range of the row is known.
 */
final class NativeDynamicQuantize implements DynamicQuantizeKernel, Resource {
  /** The longest call for which the garbage collector may have to wait. */
  private static final double QUICK_NANOS = 5_000;
  /** Shorter calls stay on one thread. */
  private static final double ALONE_NANOS = 20_000;
  private static final double SHORTEST_TILE = 8_000;
  private static final double LONGEST_TILE = 50_000;
  private static final int TILES_A_THREAD = 4;
  /** A row costs so much beside its elements. */
  private static final double ROW_NANOS = 30;
  /** Heap memory is copied in tiles of about so many elements, which L2 keeps. */
  private static final long COPIED_ELEMENTS = 64 << 10;
  /** Parts of a row begin at a multiple of this. */
  private static final long GRAIN = 1024;
  /** A range: two floats. */
  private static final long RANGE_BYTES = 8;

  private final Workers workers;
  private final double elementsPerNano;
  private final int rangeKernel;
  private final int kernel;
  private final String name;
  private final StatePool<State> states = new StatePool<>(State::new);

  NativeDynamicQuantize(BackendContext context) {
    int tier = Names.tier(context.isa());
    this.workers = context.workers();
    // Two passes, the second one over what a cache holds.
    this.elementsPerNano = StreamKernel.rate(context.isa()) * 2 / 3;
    this.rangeKernel = ElementFunctions.rangeKernel(tier);
    this.kernel = ElementFunctions.quantizeKernel(tier, Names.type(DataType.U8), false);
    this.name = Names.of(kernel);
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
    if (nanos <= QUICK_NANOS) {
      ElementFunctions.rowsQuick(rangeKernel, kernel, src, dst, scales, zeroPoints, rows, columns);
      return;
    }
    boolean copied = !(src.isNative() && dst.isNative() && scales.isNative() && zeroPoints.isNative());
    int threads = workers.threads();
    boolean shared = threads > 1 && nanos >= ALONE_NANOS;
    if (!shared && !copied) {
      ElementFunctions.rowsWhole(rangeKernel, kernel, src, dst, scales, zeroPoints, rows, columns);
      return;
    }
    double tileNanos = shared
        ? Math.clamp(nanos / ((double) threads * TILES_A_THREAD), SHORTEST_TILE, LONGEST_TILE)
        : nanos;
    State state = states.take();
    try {
      Call call = state.call;
      call.set(src, dst, scales, zeroPoints, columns);
      try {
        if ((shared && rows < 2 * threads) || (copied && columns > COPIED_ELEMENTS)) {
          long part = copied ? COPIED_ELEMENTS : columns;
          runParts(state, rows, Math.min(part, (long) (tileNanos * elementsPerNano)));
        } else {
          double rowsOfTile = tileNanos / (columns / elementsPerNano + ROW_NANOS);
          double rowsCopied = copied ? (double) COPIED_ELEMENTS / Math.max(1, columns) : rows;
          call.rows = rows;
          call.rowsPerTile = (int) Math.clamp(Math.min(rowsOfTile, rowsCopied), 1, rows);
          call.phase = Phase.ROWS;
          workers.run(Math.ceilDiv(rows, call.rowsPerTile), call);
        }
      } finally {
        call.clear();
      }
    } finally {
      states.give(state);
      Reference.reachabilityFence(src);
      Reference.reachabilityFence(dst);
      Reference.reachabilityFence(scales);
      Reference.reachabilityFence(zeroPoints);
    }
  }

  /** Row after row, each in parts. */
  private void runParts(State state, int rows, long wanted) {
    Call call = state.call;
    // No more parts than an int can count.
    call.part = Math.ceilDiv(Math.max(wanted, call.columns >>> 30), GRAIN) * GRAIN;
    int parts = (int) Math.ceilDiv(call.columns, call.part);
    // Range, scale and zero point of the row come before the ranges of the parts.
    state.ranges = NativeMemory.grown(state.ranges, RANGE_BYTES * (2L + parts));
    call.ranges = state.ranges.address();
    MemorySegment ranges = state.ranges.segment();
    for (int row = 0; row < rows; row++) {
      call.row = row;
      call.phase = Phase.RANGES;
      workers.run(parts, call);
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
      workers.run(parts, call);
      call.scales.segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * row,
          ranges.get(ValueLayout.JAVA_FLOAT, RANGE_BYTES));
      call.zeroPoints.segment.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * row,
          ranges.get(ValueLayout.JAVA_INT, RANGE_BYTES + 4));
    }
  }

  @Override
  public void close() {
    states.close();
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
  private final class Call implements Workers.Tiles {
    private final Operand src = new Operand();
    private final Operand dst = new Operand();
    private final Operand scales = new Operand();
    private final Operand zeroPoints = new Operand();
    private long columns;
    private Phase phase;
    private int rows;
    private int rowsPerTile;
    private int row;
    private long part;
    private long ranges;

    void set(MemorySegment x, MemorySegment y, MemorySegment scale, MemorySegment zeroPoint, long rowLength) {
      src.set(x, 4 * rowLength);
      dst.set(y, rowLength);
      scales.set(scale, 4);
      zeroPoints.set(zeroPoint, 4);
      columns = rowLength;
    }

    @Override
    public void run(int number) {
      State state = states.take();
      try {
        switch (phase) {
          case ROWS -> state.runRows(this, number);
          case RANGES -> state.runRange(this, number);
          case PARTS -> state.runPart(this, number);
        }
      } finally {
        states.give(state);
      }
    }

    void clear() {
      src.clear();
      dst.clear();
      scales.clear();
      zeroPoints.clear();
    }
  }

  /** What one running call, or one running tile, has for itself. */
  private final class State extends StatePool.State {
    private final Call call = new Call();
    private NativeMemory ranges;
    private NativeMemory copies;

    /** Memory for copies, where something lies in heap arrays. */
    private long room(Call call, long bytes) {
      if (!(call.src.isHeap() || call.dst.isHeap() || call.scales.isHeap() || call.zeroPoints.isHeap())) {
        return 0;
      }
      copies = NativeMemory.grown(copies, bytes);
      return copies.address();
    }

    /** Where elements are, or a copy of them. */
    private long source(Call call, long first, long count) {
      if (!call.src.isHeap()) {
        return call.src.address + 4 * first;
      }
      MemorySegment.copy(call.src.segment, 4 * first, NativeLibrary.memory(), copies.address(), 4 * count);
      return copies.address();
    }

    private void store(long from, Operand operand, long offset, long bytes) {
      if (operand.isHeap()) {
        MemorySegment.copy(NativeLibrary.memory(), from, operand.segment, offset, bytes);
      }
    }

    void runRows(Call call, int number) {
      int first = number * call.rowsPerTile;
      int count = Math.min(call.rowsPerTile, call.rows - first);
      long elements = count * call.columns;
      long ofScales = room(call, 5 * elements + 8L * count) + 4 * elements;
      long ofZeroPoints = ofScales + 4L * count;
      long ofBytes = ofZeroPoints + 4L * count;
      long offset = first * call.columns;
      long scales = call.scales.isHeap() ? ofScales : call.scales.address + 4L * first;
      long zeroPoints = call.zeroPoints.isHeap() ? ofZeroPoints : call.zeroPoints.address + 4L * first;
      long dst = call.dst.isHeap() ? ofBytes : call.dst.address + offset;
      ElementFunctions.rowsTile(rangeKernel, kernel, source(call, offset, elements), dst, scales, zeroPoints,
          count, call.columns, call.src.keep, call.dst.keep, call.scales.keep, call.zeroPoints.keep);
      store(dst, call.dst, offset, elements);
      store(scales, call.scales, 4L * first, 4L * count);
      store(zeroPoints, call.zeroPoints, 4L * first, 4L * count);
    }

    private long partLength(Call call, int number) {
      return Math.min(call.part, call.columns - number * call.part);
    }

    void runRange(Call call, int number) {
      long count = partLength(call, number);
      room(call, 4 * count);
      ElementFunctions.rangeTile(rangeKernel,
          source(call, call.row * call.columns + number * call.part, count),
          count, call.ranges + RANGE_BYTES * (2 + number), call.src.keep);
    }

    void runPart(Call call, int number) {
      long count = partLength(call, number);
      long offset = call.row * call.columns + number * call.part;
      long copy = room(call, 5 * count);
      long dst = call.dst.isHeap() ? copy + 4 * count : call.dst.address + offset;
      // One of the parts says what scale and zero point are.
      boolean first = number == 0;
      ElementFunctions.rangeQuantizeTile(kernel, call.ranges, source(call, offset, count), dst, count,
          first ? call.ranges + RANGE_BYTES : 0, first ? call.ranges + RANGE_BYTES + 4 : 0, call.src.keep,
          call.dst.keep);
      store(dst, call.dst, offset, count);
    }

    @Override
    public void close() {
      if (ranges != null) {
        ranges.close();
      }
      if (copies != null) {
        copies.close();
      }
    }
  }
}
