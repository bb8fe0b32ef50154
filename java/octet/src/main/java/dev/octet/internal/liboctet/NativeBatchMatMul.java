package dev.octet.internal.liboctet;

import dev.octet.DataType;
import dev.octet.engine.BackendContext;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.BatchMatMulKernel;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.engine.OutputSpec;
import dev.octet.internal.call.Copies;
import dev.octet.internal.call.Operand;
import dev.octet.internal.call.Scratch;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.ffm.NativeMemory;

/**
 * Products of two run-time operands. A tile is some products, or a part of one: some rows times some columns.
 * Of operands in heap arrays each tile copies what it needs.
 */
final class NativeBatchMatMul extends TiledKernel<BatchTiles, NativeBatchMatMul.Tile>
    implements
      BatchMatMulKernel {
  /** The right operand is packed for each tile: fewer rows do not pay for that. */
  private static final int LEAST_ROWS = 128;
  /** Bytes of operands and results that pass a core in a nanosecond. */
  private static final double BYTES_A_NANO = 20;

  private final boolean rightTransposed;
  private final int outBytes;
  private final NativeMemory memory;
  private final long plan;
  private final String name;
  private final double macsPerNano;

  NativeBatchMatMul(BackendContext context, BatchMatMulSpec spec) {
    super(context.workers());
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
    writer.output(output);
    this.memory = writer.write();
    this.plan = memory.address();
    this.macsPerNano = ProductCost.dotsPerNano(context.isa());
  }

  @Override
  protected BatchTiles newCall() {
    return new BatchTiles();
  }

  @Override
  protected Tile newState() {
    return new Tile();
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
  public void run(BatchMatMulCall arguments) {
    BatchTiles call = begin();
    try {
      call.set(arguments, 1, outBytes);
      call.cut(nanos(arguments), threads(), LEAST_ROWS);
      run(call, call.tiles());
    } finally {
      end(call);
    }
  }

  private double nanos(BatchMatMulCall sizes) {
    double m = sizes.m();
    double k = sizes.k();
    double n = sizes.n();
    return sizes.batch() * (m * k * n / macsPerNano + (m * k + 2 * k * n + m * n * outBytes) / BYTES_A_NANO);
  }

  @Override
  protected void tile(BatchTiles call, Tile tile, int number) {
    BatchMatMulCall sizes = call.sizes;
    tile.product = call.product(number);
    tile.products = call.products(number);
    tile.row = call.row(number);
    tile.rows = call.rows(number);
    tile.column = call.column(number);
    tile.columns = call.columns(number);
    int k = sizes.k();
    long scratch = tile.scratch.of(BatchMatMulFunctions.scratchBytes(plan, k, tile.columns));
    tile.copies.begin(call, mostCopied(sizes, tile));
    tile.place(tile.left, call.left, sizes.leftBatch(), sizes.leftRow(), tile.row, tile.rows, 0, k);
    if (rightTransposed) {
      tile.place(tile.right, call.right, sizes.rightBatch(), sizes.rightRow(), tile.column, tile.columns, 0,
          k);
    } else {
      tile.place(tile.right, call.right, sizes.rightBatch(), sizes.rightRow(), 0, k, tile.column,
          tile.columns);
    }
    long leftScales = tile.parameters(call.leftScales, sizes.leftBatch(), sizes.m(), tile.row, tile.rows);
    long leftZeroPoints = tile.parameters(call.leftZeroPoints, sizes.leftBatch(), sizes.m(), tile.row,
        tile.rows);
    long rightScales = tile.parameters(call.rightScales, sizes.rightBatch(), sizes.n(), tile.column,
        tile.columns);
    long rightZeroPoints = tile.parameters(call.rightZeroPoints, sizes.rightBatch(), sizes.n(), tile.column,
        tile.columns);
    Place out = tile.out;
    long results = tile.copies.out(call.out, 0, results(tile));
    if (call.out.isHeap()) {
      out.row = tile.columns;
      out.batch = (long) tile.rows * tile.columns;
      out.address = results - (tile.product * out.batch + tile.row * out.row + tile.column) * outBytes;
    } else {
      out.row = sizes.outRow();
      out.batch = sizes.outBatch();
      out.address = results;
    }
    tile.writer.write(tile.left, leftScales, leftZeroPoints, tile.right, rightScales, rightZeroPoints, out,
        sizes.m(), k, sizes.n());
    BatchMatMulFunctions.run(plan, tile, scratch, call);
    for (int p = 0; p < tile.products; p++) {
      long first = (tile.product + p) * sizes.outBatch() + tile.row * sizes.outRow() + tile.column;
      tile.copies.rowsBack(results + p * out.batch * outBytes, call.out, first * outBytes,
          sizes.outRow() * outBytes, (long) tile.columns * outBytes, tile.rows);
    }
  }

  private long results(Tile tile) {
    return (long) tile.products * tile.rows * tile.columns * outBytes;
  }

  private long mostCopied(BatchMatMulCall sizes, Tile tile) {
    long operands = (long) (tile.rows + tile.columns) * sizes.k();
    long parameters = 8L * sizes.m() + 8L * sizes.n();
    return tile.products * (operands + parameters) + results(tile);
  }

  @Override
  public void close() {
    super.close();
    memory.close();
  }

  /** Where a matrix of product 0 is, and how far it is to the next ones; in elements but for the address. */
  static final class Place {
    long address;
    long batch;
    long row;
  }

  /** What a tile does, and what it has for itself while it runs. */
  static final class Tile extends StatePool.State {
    int product;
    int products;
    int row;
    int rows;
    int column;
    int columns;
    private final Place left = new Place();
    private final Place right = new Place();
    private final Place out = new Place();
    private final NativeMemory struct = NativeMemory.allocate(BatchMatMulFunctions.CALL_BYTES);
    final BatchMatMulFunctions.CallWriter writer = new BatchMatMulFunctions.CallWriter(struct.segment());
    private final Copies copies = new Copies();
    private final Scratch scratch = new Scratch();

    /** Where the matrices of an operand are: as given, or copies of what the tile needs of them. */
    private void place(Place place, Operand operand, long batch, long stride, int firstRow, int rowCount,
        int firstColumn, int columnCount) {
      if (!operand.isHeap()) {
        place.address = operand.address;
        place.batch = batch;
        place.row = stride;
        return;
      }
      long firstProduct = batch == 0 ? 0 : product;
      place.row = columnCount;
      place.batch = batch == 0 ? 0 : (long) rowCount * columnCount;
      for (int p = 0; p < (batch == 0 ? 1 : products); p++) {
        long copy = copies.rowsIn(operand, (firstProduct + p) * batch + firstRow * stride + firstColumn,
            stride, columnCount, rowCount);
        if (p == 0) {
          place.address = copy - firstProduct * place.batch - firstRow * place.row - firstColumn;
        }
      }
    }

    /** Scales or zero points, of which each stored operand has so many; 0 where there are none. */
    private long parameters(Operand operand, long batch, int each, int first, int count) {
      if (!operand.isHeap()) {
        return operand.address;
      }
      long from = 4 * ((batch == 0 ? 0 : (long) product * each) + first);
      return copies.in(operand, from, 4 * (((batch == 0 ? 1 : products) - 1L) * each + count)) - from;
    }

    @Override
    public void close() {
      struct.close();
      copies.close();
      scratch.close();
    }
  }
}
