package dev.octet.internal.liboctet;

import dev.octet.Isa;
import dev.octet.engine.BackendContext;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.SgemmKernel;
import dev.octet.engine.SgemmSpec;
import dev.octet.internal.call.Copies;
import dev.octet.internal.call.Scratch;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.ffm.NativeMemory;

/**
 * Products of floats in C. A tile is some products, or a part of one: some rows times some columns. Of
 * operands in heap arrays each tile copies what it needs, product by product.
 */
final class NativeSgemm extends TiledKernel<BatchTiles, NativeSgemm.Tile> implements SgemmKernel {
  /** Fewer rows make no tile: a right operand is packed for each. */
  private static final int LEAST_ROWS = 60;
  /** Bytes of operands and results that pass a core in a nanosecond. */
  private static final double BYTES_A_NANO = 20;

  private final boolean rightTransposed;
  private final boolean accumulate;
  private final double macsPerNano;
  private final String name;
  /** Null where each run brings a right operand. */
  private final NativeMemory weights;
  private final NativeMemory memory;
  private final long plan;

  /**
   * On Zen 4: 55 and 27; fused multiply-adds in software 0.3. Arm, not measured, has an instruction for them.
   */
  private static double macsPerNano(Isa isa) {
    return switch (isa) {
      case BASELINE -> 0.3;
      case NEON, DOTPROD, I8MM -> 4;
      case AVX2, AVXVNNI, AVX512 -> 25;
      case AVX512VNNI -> 50;
    };
  }

  NativeSgemm(BackendContext context, SgemmSpec spec) {
    super(context.workers());
    this.rightTransposed = spec.rightTransposed();
    this.accumulate = spec.accumulate();
    this.macsPerNano = macsPerNano(context.isa());
    int kernel = SgemmFunctions.kernel(Names.tier(context.isa()));
    this.name = Names.of(kernel);
    this.weights = spec.weights() == null ? null : packed(spec, kernel);
    try {
      this.memory = plan(spec, kernel).write();
    } catch (RuntimeException | Error e) {
      if (weights != null) {
        weights.close();
      }
      throw e;
    }
    this.plan = memory.address();
  }

  private PlanWriter plan(SgemmSpec spec, int kernel) {
    PlanWriter writer = new PlanWriter(SgemmFunctions.PLAN);
    if (weights != null) {
      writer.address("weights", weights.address());
    }
    writer.table("bias", spec.bias());
    writer.table("row_bias", spec.rowBias());
    writer.number("kernel", kernel);
    writer.number("k", spec.k());
    writer.number("n", spec.n());
    writer.number("right_transposed", spec.rightTransposed() ? 1 : 0);
    writer.number("accumulate", spec.accumulate() ? 1 : 0);
    return writer;
  }

  private NativeMemory packed(SgemmSpec spec, int kernel) {
    NativeMemory packed = NativeMemory.allocate(SgemmFunctions.packedBytes(spec.k(), spec.n()));
    try (NativeMemory settings = plan(spec, kernel).write();
        NativeMemory copy = spec.weights().isNative() ? null : NativeMemory.copy(spec.weights())) {
      SgemmFunctions.pack(settings.address(), copy == null ? spec.weights().address() : copy.address(),
          spec.rightTransposed() ? spec.k() : spec.n(), packed.address());
      return packed;
    } catch (RuntimeException | Error e) {
      packed.close();
      throw e;
    }
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
    return memory.bytes() + (weights == null ? 0 : weights.bytes());
  }

  @Override
  public void run(BatchMatMulCall arguments) {
    BatchTiles call = begin();
    try {
      call.set(arguments, Float.BYTES, Float.BYTES);
      call.cut(nanos(arguments), threads(call), LEAST_ROWS);
      run(call, call.tiles());
    } finally {
      end(call);
    }
  }

  private double nanos(BatchMatMulCall sizes) {
    double m = sizes.m();
    double k = sizes.k();
    double n = sizes.n();
    return sizes.batch() * (m * k * n / macsPerNano + 4 * (m * k + k * n + m * n) / BYTES_A_NANO);
  }

  @Override
  protected void tile(BatchTiles call, Tile tile, int number) {
    BatchMatMulCall sizes = call.sizes;
    int rows = call.rows(number);
    int columns = call.columns(number);
    long scratch = tile.scratch.of(SgemmFunctions.scratchBytes(plan, sizes.k(), rows, columns));
    int first = call.product(number);
    for (int product = first; product < first + call.products(number); product++) {
      multiply(call, tile, product, call.row(number), rows, call.column(number), columns, scratch);
    }
  }

  private void multiply(BatchTiles call, Tile tile, int product, int row, int rows, int column, int columns,
      long scratch) {
    BatchMatMulCall sizes = call.sizes;
    int k = sizes.k();
    SgemmFunctions.Place place = tile.place;
    tile.copies.begin(call, 4 * ((long) rows * k + (long) k * columns + (long) rows * columns));
    tile.left(call, product * sizes.leftBatch() + row * sizes.leftRow(), rows);
    if (weights == null) {
      tile.right(call, product * sizes.rightBatch(), column, columns, rightTransposed);
    }
    long out = product * sizes.outBatch() + row * sizes.outRow() + column;
    long results = tile.out(call, out, rows, columns, accumulate);
    // Packed weights and biases begin at column 0 and row 0, and so does the result then.
    int firstColumn = weights == null ? 0 : column;
    place.left -= 4L * row * place.leftRow;
    place.out = results - 4L * firstColumn - 4L * row * place.outRow;
    SgemmFunctions.run(plan, place, row, rows, firstColumn, columns, scratch, call);
    tile.copies.rowsBack(results, call.out, 4 * out, 4 * sizes.outRow(), 4L * columns, rows);
  }

  @Override
  public void close() {
    super.close();
    memory.close();
    if (weights != null) {
      weights.close();
    }
  }

  /** What a running tile has for itself. */
  static final class Tile extends StatePool.State {
    private final SgemmFunctions.Place place = new SgemmFunctions.Place();
    private final Copies copies = new Copies();
    private final Scratch scratch = new Scratch();

    /** Says where rows of a left matrix are. */
    private void left(BatchTiles call, long first, int rows) {
      int k = call.sizes.k();
      long stride = call.sizes.leftRow();
      boolean isHeap = call.left.isHeap();
      place.leftRow = isHeap ? k : stride;
      place.left = isHeap
          ? copies.rowsIn(call.left, 4 * first, 4 * stride, 4L * k, rows)
          : call.left.address + 4 * first;
    }

    /** Says where columns of a right matrix are. */
    private void right(BatchTiles call, long matrix, int column, int columns, boolean isTransposed) {
      long stride = call.sizes.rightRow();
      int k = call.sizes.k();
      long first = matrix + (isTransposed ? column * stride : column);
      int count = isTransposed ? columns : k;
      int length = isTransposed ? k : columns;
      boolean isHeap = call.right.isHeap();
      place.rightRow = isHeap ? length : stride;
      place.right = isHeap
          ? copies.rowsIn(call.right, 4 * first, 4 * stride, 4L * length, count)
          : call.right.address + 4 * first;
    }

    /** Says where results go; returns the address of the first. */
    private long out(BatchTiles call, long first, int rows, int columns, boolean isRead) {
      long stride = call.sizes.outRow();
      boolean isHeap = call.out.isHeap();
      place.outRow = isHeap ? columns : stride;
      return isHeap && isRead
          ? copies.rowsIn(call.out, 4 * first, 4 * stride, 4L * columns, rows)
          : copies.out(call.out, 4 * first, 4L * rows * columns);
    }

    @Override
    public void close() {
      copies.close();
      scratch.close();
    }
  }
}
