package dev.octet.internal.vector.products;

import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.SgemmKernel;
import dev.octet.engine.SgemmSpec;
import dev.octet.internal.call.Operand;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.common.Scratch;
import dev.octet.internal.vector.common.VectorContext;
import dev.octet.internal.vector.loops.ProductLoops;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Products of floats. The right operand is in panels, packed once where it is fixed and by each tile where it
 * comes with the run. A tile is some rows times some columns of one product.
 */
public final class VectorSgemm extends TiledKernel<ProductTiles, VectorSgemm.State>
    implements
      SgemmKernel {
  private static final ProductLoops LOOPS = Form.PRODUCTS;
  /** Multiplications in a nanosecond, roughly. */
  private static final double MACS_PER_NANO = Form.MACS_PER_NANO / 4;

  private final VectorContext context;
  private final boolean rightTransposed;
  private final boolean accumulate;
  /** Null: 0. */
  private final float[] bias;
  /** Null: 0. */
  private final float[] rowBias;
  /** {@code [panel][k][width]}; null where each run brings a right operand. */
  private final float[][] weights;
  private final String name = Form.name("sgemm_f32");

  /**
   * Packs the weights where there are any.
   *
   * @param context threads and arrays
   * @param spec what is multiplied
   */
  public VectorSgemm(VectorContext context, SgemmSpec spec) {
    super(context.workers);
    this.context = context;
    this.rightTransposed = spec.rightTransposed();
    this.accumulate = spec.accumulate();
    this.bias = spec.bias();
    this.rowBias = spec.rowBias();
    this.weights = spec.weights() == null ? null : pack(spec);
  }

  private static float[][] pack(SgemmSpec spec) {
    int width = LOOPS.panelColumns(spec.n());
    float[][] panels = new float[Math.ceilDiv(spec.n(), width)][PanelSize.of(spec.k(), width)];
    for (int panel = 0; panel < panels.length; panel++) {
      int first = panel * width;
      pack(spec.weights(), spec.at(0, first), spec.rightTransposed() ? spec.k() : spec.n(),
          spec.rightTransposed(), spec.k(), Math.min(width, spec.n() - first), panels[panel], width);
    }
    return panels;
  }

  /** Columns of a matrix from an element on, to a panel; behind them are zeros. */
  private static void pack(MemorySegment matrix, long at, long stride, boolean isTransposed, int k,
      int columns, float[] panel, int width) {
    if (isTransposed) {
      Arrays.fill(panel, 0, k * width, 0);
      for (int column = 0; column < columns; column++) {
        for (int row = 0; row < k; row++) {
          panel[row * width + column] = matrix.get(ValueLayout.JAVA_FLOAT_UNALIGNED,
              4 * (at + column * stride + row));
        }
      }
    } else {
      for (int row = 0; row < k; row++) {
        MemorySegment.copy(matrix, ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (at + row * stride), panel,
            row * width, columns);
        Arrays.fill(panel, row * width + columns, (row + 1) * width, 0);
      }
    }
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
  public long packedBytes() {
    return weights == null ? 0 : 4L * weights.length * weights[0].length;
  }

  @Override
  public long scratchBytes(long rows) {
    return Scratch.heap();
  }

  @Override
  public void run(BatchMatMulCall arguments) {
    ProductTiles call = begin();
    try {
      call.set(arguments, Float.BYTES, Float.BYTES);
      call.cut(threads(call), MACS_PER_NANO);
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
    private float[][] panels = {};

    void run(ProductTiles call, Scratch scratch, int number) {
      BatchMatMulCall sizes = call.sizes;
      int product = call.product(number);
      int endRow = call.endRow(number);
      int column = call.column(number);
      int columns = call.columns(number);
      float[][] right = weights == null ? pack(call, product, column, columns) : weights;
      int firstPanel = weights == null ? 0 : column / call.width;
      for (int first = call.row(number); first < endRow; first += Scratch.ROWS) {
        int rows = Math.min(Scratch.ROWS, endRow - first);
        for (int k0 = 0; k0 < sizes.k(); k0 += ProductLoops.DEPTH) {
          int depth = Math.min(ProductLoops.DEPTH, sizes.k() - k0);
          for (int r = 0; r < rows; r++) {
            load(call.left, product * sizes.leftBatch() + (first + r) * sizes.leftRow() + k0, scratch.rows,
                r * ProductLoops.STRIDE, depth);
          }
          for (int done = 0; done < columns; done += call.width) {
            multiply(call, scratch, right[firstPanel + done / call.width], k0, depth, product, first, rows,
                column + done, Math.min(call.width, columns - done));
          }
        }
      }
    }

    private void multiply(ProductTiles call, Scratch scratch, float[] panel, int k0, int depth, int product,
        int row,
        int rows, int column, int columns) {
      long out = product * call.sizes.outBatch() + row * call.sizes.outRow() + column;
      for (int r = 0; r < rows; r++) {
        float[] sums = scratch.sums[r];
        if (k0 > 0 || accumulate) {
          load(call.out, out + r * call.sizes.outRow(), sums, 0, columns);
        } else if (bias != null) {
          System.arraycopy(bias, column, sums, 0, columns);
        } else {
          Arrays.fill(sums, 0, columns, rowBias == null ? 0 : rowBias[row + r]);
        }
      }
      LOOPS.multiplyAdd(scratch.rows, rows, panel, k0 * call.width, depth, call.width, scratch.sums);
      for (int r = 0; r < rows; r++) {
        MemorySegment.copy(scratch.sums[r], 0, call.out.segment, ValueLayout.JAVA_FLOAT_UNALIGNED,
            4 * (call.out.first + out + r * call.sizes.outRow()), columns);
      }
    }

    private void load(Operand operand, long at, float[] to, int first, int count) {
      MemorySegment.copy(operand.segment, ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (operand.first + at), to,
          first, count);
    }

    /** Packs columns of a right operand. */
    private float[][] pack(ProductTiles call, int product, int column, int columns) {
      BatchMatMulCall sizes = call.sizes;
      int width = call.width;
      int count = Math.ceilDiv(columns, width);
      int length = Math.multiplyExact(sizes.k(), width);
      if (panels.length < count || panels[0].length < length) {
        int longest = panels.length == 0 ? length : Math.max(length, panels[0].length);
        panels = new float[Math.max(count, panels.length)][longest];
      }
      for (int panel = 0; panel < count; panel++) {
        int first = column + panel * width;
        long at = call.right.first + product * sizes.rightBatch()
            + (rightTransposed ? first * sizes.rightRow() : first);
        VectorSgemm.pack(call.right.segment, at, sizes.rightRow(), rightTransposed, sizes.k(),
            Math.min(width, columns - panel * width), panels[panel], width);
      }
      return panels;
    }
  }
}
