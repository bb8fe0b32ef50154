package dev.octet.internal.vector.products;

import dev.octet.engine.BlockMatMulSpec;
import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.internal.call.RowCall;
import dev.octet.internal.epilogue.FloatEpilogue;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.common.Names;
import dev.octet.internal.vector.common.Scratch;
import dev.octet.internal.vector.common.VectorContext;
import dev.octet.internal.vector.loops.GroupedRows;
import dev.octet.internal.vector.loops.ProductLoops;
import dev.octet.internal.vector.loops.QuantizedRow;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Float rows times weights in groups or blocks, added up in floats: dynamicMatMul, where each group of a row
 * is quantized first, and weightOnlyMatMul, where rows stay as they are.
 */
public final class VectorFloatMatMul extends RowProduct implements FloatMatMulKernel {
  private static final ProductLoops LOOPS = Form.PRODUCTS;

  /** Weights, whose columns follow each other; more than one with block formats alone. */
  private final GroupPanels[] parts;
  private final FloatEpilogue epilogue;
  private final boolean dynamic;
  /**
   * Elements of a row that have a scale, or a sum that minimums multiply. A multiple of the panels' groups.
   */
  private final int rowGroup;
  private final String name;
  /**
   * Weight-only with K = 1: sums are scaled after they are added up, which rounds once more than the bound
   * allows for K = 1 and for no other K. So weights are scaled, as products with 1, and then the row comes.
   */
  private final boolean single;
  private final boolean hasMinimums;
  /** Whether few rows may be multiplied one by one, in integers. */
  private final boolean takesRows;

  private VectorFloatMatMul(VectorContext context, int n, GroupPanels[] parts, boolean dynamic, int rowGroup,
      FloatEpilogue epilogue, String name) {
    super(context, parts[0].k(), n, Stream.of(parts).mapToInt(GroupPanels::count).sum(), Float.BYTES,
        Float.BYTES);
    this.parts = parts;
    this.epilogue = epilogue;
    this.rowGroup = rowGroup;
    this.dynamic = dynamic;
    this.single = !dynamic && k() == 1;
    this.hasMinimums = Stream.of(parts).anyMatch(GroupPanels::hasMinimums);
    this.takesRows = dynamic && Stream.of(parts).allMatch(GroupPanels::takesRows);
    this.name = name;
  }

  private VectorFloatMatMul(VectorContext context, FloatMatMulSpec spec, GroupPanels panels, boolean dynamic,
      String op) {
    this(context, spec.weights().n(), new GroupPanels[]{panels}, dynamic, panels.groupSize(),
        new FloatEpilogue(spec.bias(), spec.min(), spec.max()), Names.floatMatMul(spec, op));
  }

  private VectorFloatMatMul(VectorContext context, BlockMatMulSpec spec, boolean dynamic, String op) {
    this(context, spec.n(), spec.weights().stream().map(part -> GroupPanels.of(part.tensor()))
        .toArray(GroupPanels[]::new), dynamic, BlockMatMulSpec.GROUP,
        new FloatEpilogue(spec.bias(), spec.min(), spec.max()), Names.blockMatMul(spec, op));
  }

  public static VectorFloatMatMul dynamicGroups(VectorContext context, FloatMatMulSpec spec) {
    return new VectorFloatMatMul(context, spec, GroupPanels.of(spec.weights()), true, "dynamic");
  }

  public static VectorFloatMatMul blocks(VectorContext context, BlockMatMulSpec spec) {
    return new VectorFloatMatMul(context, spec, true, "dynamic");
  }

  public static VectorFloatMatMul blockWeightOnly(VectorContext context, BlockMatMulSpec spec) {
    return new VectorFloatMatMul(context, spec, false, "weightonly");
  }

  public static VectorFloatMatMul weightOnly(VectorContext context, FloatMatMulSpec spec) {
    return new VectorFloatMatMul(context, spec, GroupPanels.of(spec.weights()), false, "weightonly");
  }

  @Override
  void tile(RowCall call, Scratch scratch, int firstRow, int rows, int firstPanel, int endPanel) {
    boolean few = takesRows && rows <= Scratch.FEW_ROWS && LOOPS.hasRowProducts();
    for (int row = 0; few && row < rows; row++) {
      quantize(call, scratch, scratch.floats().row(row), call.src.first + (firstRow + row) * call.srcStride);
    }
    boolean loaded = false;
    int before = 0;
    int column = 0;
    for (GroupPanels panels : parts) {
      int first = Math.max(0, firstPanel - before);
      int end = Math.min(panels.count(), endPanel - before);
      if (first < end && few) {
        fewRows(call, scratch, firstRow, rows, panels, column, first, end);
      } else if (first < end) {
        tile(call, scratch, firstRow, rows, panels, column, first, end, loaded);
        loaded = k() <= ProductLoops.DEPTH;
      }
      before += panels.count();
      column += panels.n();
    }
  }

  /** The panels of one matrix, rows one by one, in integers. */
  private void fewRows(RowCall call, Scratch scratch, int firstRow, int rows, GroupPanels panels, int column,
      int firstPanel, int endPanel) {
    Scratch.FloatScratch more = scratch.floats();
    int width = panels.width();
    int together = Scratch.COLUMNS / width;
    for (int panel = firstPanel; panel < endPanel; panel += together) {
      int behind = Math.min(endPanel, panel + together);
      int columns = (behind - panel) * width;
      for (int p = panel; p < behind; p++) {
        for (int row = 0; row < rows; row++) {
          LOOPS.multiplyRow(more.row(row), panels.panel(p), k(), scratch.accumulators, more.results,
              row * columns + (p - panel) * width);
        }
      }
      store(call, scratch, firstRow, rows, panels, column, panel, behind);
    }
  }

  /** The bias, the clamp, and into the result. */
  private void store(RowCall call, Scratch scratch, int firstRow, int rows, GroupPanels panels, int column,
      int panel, int behind) {
    int width = panels.width();
    epilogue.apply(scratch.staging, scratch.floats().results, (behind - panel) * width, rows,
        column + panel * width, column + Math.min(panels.n(), behind * width), call.dst.segment,
        call.dst.first + firstRow * call.dstStride, call.dstStride);
  }

  /**
   * The panels of one matrix.
   *
   * @param column of the result, where those of the matrix begin
   * @param loaded whether the rows are in the scratch
   */
  private void tile(RowCall call, Scratch scratch, int firstRow, int rows, GroupPanels panels, int column,
      int firstPanel, int endPanel, boolean loaded) {
    Scratch.FloatScratch more = scratch.floats();
    int width = panels.width();
    int together = Scratch.COLUMNS / width;
    long src = call.src.first + firstRow * call.srcStride;
    for (int panel = firstPanel; panel < endPanel; panel += together) {
      int behind = Math.min(endPanel, panel + together);
      int columns = (behind - panel) * width;
      Arrays.fill(more.results, 0, rows * columns, 0);
      for (int k0 = 0; k0 < k(); k0 += ProductLoops.DEPTH) {
        int depth = Math.min(ProductLoops.DEPTH, k() - k0);
        if ((!loaded && panel == firstPanel) || k() > ProductLoops.DEPTH) {
          load(call, scratch, src + k0, rows, depth);
        }
        for (int p = panel; p < behind; p++) {
          panels.multiply(scratch, rows, p, k0, depth, (p - panel) * width, columns);
        }
      }
      if (single) {
        for (int row = 0; row < rows; row++) {
          scale(more.results, row * columns, columns,
              call.src.segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (src + row * call.srcStride)));
        }
      }
      store(call, scratch, firstRow, rows, panels, column, panel, behind);
    }
  }

  /** A row, whole. */
  private void quantize(RowCall call, Scratch scratch, QuantizedRow row, long src) {
    row.begin(k(), rowGroup);
    for (int k0 = 0; k0 < k(); k0 += ProductLoops.DEPTH) {
      int depth = Math.min(ProductLoops.DEPTH, k() - k0);
      MemorySegment.copy(call.src.segment, ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (src + k0), scratch.rows, 0,
          depth);
      for (int x = 0; x < depth; x += rowGroup) {
        int count = Math.min(rowGroup, depth - x);
        float scale = LOOPS.quantize(scratch.rows, x, count);
        row.group((k0 + x) / rowGroup, scale, scratch.rows, x, count);
      }
    }
  }

  private void load(RowCall call, Scratch scratch, long src, int rows, int depth) {
    GroupedRows grouped = scratch.floats().grouped;
    grouped.groupSize(rowGroup);
    for (int row = 0; row < rows; row++) {
      int to = row * ProductLoops.STRIDE;
      MemorySegment.copy(call.src.segment, ValueLayout.JAVA_FLOAT_UNALIGNED,
          4 * (src + row * call.srcStride), scratch.rows, to, depth);
      if (single) {
        scratch.rows[to] = 1;
      }
      for (int x = 0; x < depth; x += rowGroup) {
        int group = row * GroupedRows.GROUPS + x / rowGroup;
        int count = Math.min(rowGroup, depth - x);
        float scale = dynamic ? LOOPS.quantize(scratch.rows, to + x, count) : 1;
        grouped.scales()[group] = scale;
        if (hasMinimums) {
          grouped.sums()[group] = scale * sum(scratch.rows, to + x, count);
        }
      }
    }
  }

  /** Exact of integers; of others well within the bound of float arithmetic. */
  private static float sum(float[] values, int at, int count) {
    float sum = 0;
    for (int i = 0; i < count; i++) {
      sum += values[at + i];
    }
    return sum;
  }

  private static void scale(float[] values, int at, int count, float factor) {
    for (int i = 0; i < count; i++) {
      values[at + i] *= factor;
    }
  }

  @Override
  public void run(MemorySegment src, long srcStride, MemorySegment dst, long dstStride, int rows) {
    multiply(src, srcStride, null, null, dst, dstStride, rows);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long packedBytes() {
    return Stream.of(parts).mapToLong(GroupPanels::bytes).sum();
  }

  @Override
  public long scratchBytes(long rows) {
    return Scratch.floatHeap()
        + (takesRows ? Math.min(rows, Scratch.FEW_ROWS) * QuantizedRow.heap(k(), rowGroup) : 0);
  }
}
