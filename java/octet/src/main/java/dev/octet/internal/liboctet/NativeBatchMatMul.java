package dev.octet.internal.liboctet;

import dev.octet.DataType;
import dev.octet.engine.BackendContext;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.BatchMatMulKernel;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.engine.OutputSpec;
import dev.octet.internal.ffm.NativeLibrary;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import dev.octet.internal.ffm.StatePool;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Products of two run-time operands. A tile is some products, or a part of one: some rows times some columns.
 * Of operands in heap arrays each tile copies what it needs.
 */
final class NativeBatchMatMul implements BatchMatMulKernel, Resource {
  /** Shorter calls stay on one thread. */
  private static final double ALONE_NANOS = 8_000;
  private static final double SHORTEST_TILE = 4_000;
  private static final double LONGEST_TILE = 50_000;
  private static final int TILES_A_THREAD = 4;
  /** The right operand is packed for each tile: fewer rows do not pay for that. */
  private static final int LEAST_ROWS = 128;
  /** Bytes of operands and results that pass a core in a nanosecond. */
  private static final double BYTES_A_NANO = 20;

  private final BackendContext context;
  private final boolean rightTransposed;
  private final int outBytes;
  private final NativeMemory memory;
  private final long plan;
  private final String name;
  private final double macsPerNano;
  private final StatePool<State> states = new StatePool<>(State::new);

  NativeBatchMatMul(BackendContext context, BatchMatMulSpec spec) {
    this.context = context;
    this.rightTransposed = spec.rightTransposed();
    OutputSpec output = spec.output();
    this.outBytes = output.type().bits() / 8;
    int tier = Names.tier(context.isa());
    int leftType = Names.type(spec.left().type());
    int outputType = Names.type(output.type());
    int kernel = MatMulFunctions.kernel(tier, leftType, outputType);
    int attentionKernel = BatchMatMulFunctions.attentionKernel(tier, leftType, outputType);
    boolean real = output.type() == DataType.F32;
    boolean bounded = real && (output.min() != Float.NEGATIVE_INFINITY
        || output.max() != Float.POSITIVE_INFINITY);
    this.name = Names.of(attentionKernel < 0 || bounded ? kernel : attentionKernel);
    PlanWriter writer = new PlanWriter(BatchMatMulFunctions.PLAN);
    writer.number("kernel", kernel);
    writer.number("attention_kernel", attentionKernel);
    writer.number("tables_kernel", BatchMatMulFunctions.tablesKernel(tier));
    writer.number("packed_layout", MatMulFunctions.layout(tier));
    writer.number("left_type", leftType);
    writer.number("right_type", Names.type(spec.right().type()));
    writer.number("output_type", outputType);
    writer.number("right_transposed", rightTransposed ? 1 : 0);
    writer.number("left_zero_point", spec.left().zeroPoint());
    writer.number("right_zero_point", spec.right().zeroPoint());
    writer.number("left_scale", spec.left().scale());
    writer.number("right_scale", spec.right().scale());
    writer.number("output_scale", output.scale());
    writer.number("zero_point", output.zeroPoint());
    writer.number("low", real ? output.min() : (float) (output.lo() - output.zeroPoint()));
    writer.number("high", real ? output.max() : (float) (output.hi() - output.zeroPoint()));
    this.memory = writer.write();
    this.plan = memory.address();
    this.macsPerNano = TileGrid.Cost.dotsPerNano(context.isa());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long packedBytes() {
    return memory.bytes();
  }

  @Override
  public void run(BatchMatMulCall call) {
    State state = states.take();
    try {
      Call running = state.call;
      running.set(call);
      try {
        running.cut(context.workers().threads());
        if (running.tiles() == 1) {
          state.run(running, 0);
        } else {
          context.workers().run(running.tiles(), running);
        }
      } finally {
        running.clear();
      }
    } finally {
      states.give(state);
      Reference.reachabilityFence(call);
    }
  }

  @Override
  public void close() {
    states.close();
    memory.close();
  }

  /** What a tile does. */
  static final class Tile {
    int product;
    int products;
    int row;
    int rows;
    int column;
    int columns;
  }

  /** Where a matrix of product 0 is, and how far it is to the next ones; in elements but for the address. */
  static final class Place {
    long address;
    long batch;
    long row;
  }

  /** A running call: operands, sizes, and how it is cut. */
  private final class Call implements Workers.Tiles {
    private final Operand left = new Operand();
    private final Operand leftScales = new Operand();
    private final Operand leftZeroPoints = new Operand();
    private final Operand right = new Operand();
    private final Operand rightScales = new Operand();
    private final Operand rightZeroPoints = new Operand();
    private final Operand out = new Operand();
    private BatchMatMulCall sizes;
    private int productsPerTile;
    private int rowsPerTile;
    private int panelsPerTile;
    private int batchTiles;
    private int rowTiles;
    private int columnTiles;

    void set(BatchMatMulCall call) {
      sizes = call;
      set(left, call.left());
      set(leftScales, call.leftScales());
      set(leftZeroPoints, call.leftZeroPoints());
      set(right, call.right());
      set(rightScales, call.rightScales());
      set(rightZeroPoints, call.rightZeroPoints());
      set(out, call.out());
    }

    private static void set(Operand operand, MemorySegment segment) {
      operand.set(segment == null ? MemorySegment.NULL : segment, 0);
    }

    void cut(int threads) {
      int batch = sizes.batch();
      int panels = Math.ceilDiv(sizes.n(), TileGrid.PANEL);
      double m = sizes.m();
      double k = sizes.k();
      double n = sizes.n();
      double nanos = batch
          * (m * k * n / macsPerNano + (m * k + 2 * k * n + m * n * outBytes) / BYTES_A_NANO);
      int wanted = 1;
      if (threads > 1 && nanos >= ALONE_NANOS) {
        double tile = Math.clamp(nanos / ((double) threads * TILES_A_THREAD), SHORTEST_TILE, LONGEST_TILE);
        wanted = (int) Math.min(1 << 20, Math.ceil(nanos / tile));
      }
      productsPerTile = Math.ceilDiv(batch, Math.min(batch, wanted));
      batchTiles = Math.ceilDiv(batch, productsPerTile);
      int ofProduct = Math.ceilDiv(wanted, batchTiles);
      panelsPerTile = Math.ceilDiv(panels, Math.min(panels, ofProduct));
      columnTiles = Math.ceilDiv(panels, panelsPerTile);
      int byRows = Math.clamp(Math.ceilDiv(ofProduct, columnTiles), 1, Math.max(1, sizes.m() / LEAST_ROWS));
      rowsPerTile = Math.ceilDiv(sizes.m(), byRows);
      rowTiles = Math.ceilDiv(sizes.m(), rowsPerTile);
    }

    int tiles() {
      return batchTiles * rowTiles * columnTiles;
    }

    void tile(int number, Tile tile) {
      tile.product = number / (rowTiles * columnTiles) * productsPerTile;
      tile.products = Math.min(productsPerTile, sizes.batch() - tile.product);
      tile.row = number % rowTiles * rowsPerTile;
      tile.rows = Math.min(rowsPerTile, sizes.m() - tile.row);
      tile.column = number / rowTiles % columnTiles * panelsPerTile * TileGrid.PANEL;
      tile.columns = Math.min(panelsPerTile * TileGrid.PANEL, sizes.n() - tile.column);
    }

    boolean hasHeap() {
      return left.isHeap() || leftScales.isHeap() || leftZeroPoints.isHeap() || right.isHeap()
          || rightScales.isHeap() || rightZeroPoints.isHeap() || out.isHeap();
    }

    @Override
    public void run(int number) {
      State state = states.take();
      try {
        state.run(this, number);
      } finally {
        states.give(state);
      }
    }

    void clear() {
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

  /** What one running call, or one running tile, has for itself. */
  private final class State extends StatePool.State {
    private final Call call = new Call();
    private final Tile tile = new Tile();
    private final Place left = new Place();
    private final Place right = new Place();
    private final Place out = new Place();
    private final NativeMemory struct = NativeMemory.allocate(BatchMatMulFunctions.CALL_BYTES);
    private final BatchMatMulFunctions.CallWriter writer = new BatchMatMulFunctions.CallWriter(
        struct.segment());
    private NativeMemory scratch;
    private NativeMemory copies;
    /** Where the next copy goes. */
    private long free;

    void run(Call call, int number) {
      call.tile(number, tile);
      BatchMatMulCall sizes = call.sizes;
      long bytes = BatchMatMulFunctions.scratchBytes(plan, sizes.k(), tile.columns);
      if (bytes > 0) {
        scratch = NativeMemory.grown(scratch, bytes);
      }
      if (call.hasHeap()) {
        copies = NativeMemory.grown(copies, mostCopied(sizes));
        free = copies.address();
      }
      int k = sizes.k();
      place(left, call.left, sizes.leftBatch(), sizes.leftRow(), tile.row, tile.rows, 0, k);
      if (rightTransposed) {
        place(right, call.right, sizes.rightBatch(), sizes.rightRow(), tile.column, tile.columns, 0, k);
      } else {
        place(right, call.right, sizes.rightBatch(), sizes.rightRow(), 0, k, tile.column, tile.columns);
      }
      long leftScales = parameters(call.leftScales, sizes.leftBatch(), sizes.m(), tile.row, tile.rows);
      long leftZeroPoints = parameters(call.leftZeroPoints, sizes.leftBatch(), sizes.m(), tile.row,
          tile.rows);
      long rightScales = parameters(call.rightScales, sizes.rightBatch(), sizes.n(), tile.column,
          tile.columns);
      long rightZeroPoints = parameters(call.rightZeroPoints, sizes.rightBatch(), sizes.n(), tile.column,
          tile.columns);
      long results = free;
      if (call.out.isHeap()) {
        out.row = tile.columns;
        out.batch = (long) tile.rows * tile.columns;
        out.address = results
            - (tile.product * out.batch + tile.row * out.row + tile.column) * outBytes;
      } else {
        out.row = sizes.outRow();
        out.batch = sizes.outBatch();
        out.address = call.out.address;
      }
      writer.write(left, leftScales, leftZeroPoints, right, rightScales, rightZeroPoints, out, sizes.m(), k,
          sizes.n());
      BatchMatMulFunctions.run(plan, writer.address(), tile, scratch == null ? 0 : scratch.address(),
          call.left,
          call.leftScales, call.leftZeroPoints, call.right, call.rightScales, call.rightZeroPoints, call.out);
      if (call.out.isHeap()) {
        copyBack(call, results);
      }
    }

    private long mostCopied(BatchMatMulCall sizes) {
      long row = (long) tile.rows * sizes.k();
      long column = (long) tile.columns * sizes.k();
      long result = (long) tile.rows * tile.columns * outBytes;
      long parameters = 8L * sizes.m() + 8L * sizes.n();
      return tile.products * (row + column + result + parameters);
    }

    /** Where the matrices of an operand are: as given, or copies of what the tile needs of them. */
    private void place(Place place, Operand operand, long batch, long row, int firstRow, int rows,
        int firstColumn, int columns) {
      if (!operand.isHeap()) {
        place.address = operand.address;
        place.batch = batch;
        place.row = row;
        return;
      }
      int products = batch == 0 ? 1 : tile.products;
      long firstProduct = batch == 0 ? 0 : tile.product;
      place.row = columns;
      place.batch = batch == 0 ? 0 : (long) rows * columns;
      place.address = free - firstProduct * place.batch - firstRow * place.row - firstColumn;
      for (int p = 0; p < products; p++) {
        for (int r = 0; r < rows; r++) {
          MemorySegment.copy(operand.segment,
              (firstProduct + p) * batch + (firstRow + r) * row + firstColumn, NativeLibrary.memory(), free,
              columns);
          free += columns;
        }
      }
    }

    /** Scales or zero points, of which each stored operand has so many; 0 where there are none. */
    private long parameters(Operand operand, long batch, int each, int first, int count) {
      if (!operand.isHeap()) {
        return operand.address;
      }
      int products = batch == 0 ? 1 : tile.products;
      long from = 4 * ((batch == 0 ? 0 : (long) tile.product * each) + first);
      long bytes = 4 * ((products - 1L) * each + count);
      MemorySegment.copy(operand.segment, from, NativeLibrary.memory(), free, bytes);
      long address = free - from;
      free += bytes;
      return address;
    }

    private void copyBack(Call call, long results) {
      BatchMatMulCall sizes = call.sizes;
      long from = results;
      long bytes = (long) tile.columns * outBytes;
      for (int p = tile.product; p < tile.product + tile.products; p++) {
        for (int r = tile.row; r < tile.row + tile.rows; r++) {
          long to = (p * sizes.outBatch() + r * sizes.outRow() + tile.column) * outBytes;
          MemorySegment.copy(NativeLibrary.memory(), from, call.out.segment, to, bytes);
          from += bytes;
        }
      }
    }

    @Override
    public void close() {
      struct.close();
      if (scratch != null) {
        scratch.close();
      }
      if (copies != null) {
        copies.close();
      }
    }
  }
}
