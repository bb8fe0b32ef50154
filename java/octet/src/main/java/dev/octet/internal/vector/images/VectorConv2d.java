package dev.octet.internal.vector.images;

import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.ConvWeights;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.vector.common.ConvScratch;
import dev.octet.internal.vector.common.Elements;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.common.Scratch;
import dev.octet.internal.vector.common.VectorContext;
import dev.octet.internal.vector.loops.ConvLoops;
import dev.octet.internal.vector.loops.ProductLoops;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Convolution as a product of matrices, of which no more is ever there than the rows of one tile: the lines
 * of the image that a tile sees become floats once, and windows are copied from them.
 *
 * <p>
 * An image minus its zero point has up to 9 bits, so fewer products than in a matmul can be summed exactly:
 * 2^24 divided by the largest ones that these images and weights can give.
 */
public final class VectorConv2d extends ConvRun {
  private static final ProductLoops LOOPS = Form.PRODUCTS;
  /** The largest integer up to which floats hold all. */
  private static final int EXACT = 1 << 24;
  /** Floats of lines that a tile may hold: half a second cache; beyond, windows are read from the image. */
  private static final long MOST_LINES = 256 << 10;

  /** Of each group its panels, {@code [K][width]} signed bytes. */
  private final byte[][][] panels;
  private final int width;
  /** Elements of a row of taps. */
  private final int rowK;
  private final int depth;
  private final Epilogue epilogue;
  private final FlatEpilogue flat;

  private VectorConv2d(VectorContext context, ConvForm form) {
    super(context, form, "conv");
    this.rowK = Math.multiplyExact(form.window.kernelWidth(), form.in);
    this.width = LOOPS.panelColumns(form.out);
    ConvWeights weights = form.spec.weights();
    SignedTaps taps = new SignedTaps(weights);
    this.panels = taps.panels(form.spec.groups(), width);
    this.depth = Math.min(ProductLoops.DEPTH, EXACT / (form.largest * taps.largest()));
    int[] zeroPoints = taps.zeroPoints();
    this.epilogue = form.epilogue(zeroPoints);
    boolean dense = form.spec.groups() == 1 && panels[0].length * width == form.out
        && form.out <= Scratch.COLUMNS;
    this.flat = dense ? FlatEpilogue.of(form, zeroPoints) : null;
  }

  /** A convolution, by the way that suits it. */
  public static Conv2dKernel prepare(VectorContext context, Conv2dSpec spec) {
    ConvForm form = new ConvForm(spec);
    return VectorDepthwise.suits(form) ? new VectorDepthwise(context, form) : new VectorConv2d(context, form);
  }

  @Override
  public long packedBytes() {
    return (long) panels.length * panels[0].length * panels[0][0].length + epilogue.bytes();
  }

  @Override
  public long scratchBytes(long rows) {
    return Scratch.heap() + 4 * MOST_LINES + ConvScratch.PIECE;
  }

  /** Whole lines, or parts of one, equally long. */
  @Override
  void cut(Call call) {
    if (call.outWidth <= Scratch.ROWS) {
      call.tileColumns = call.outWidth;
      call.tileLines = Math.min(call.outHeight, Scratch.ROWS / call.outWidth);
    } else {
      int block = LOOPS.rowBlock();
      int parts = Math.ceilDiv(call.outWidth, Scratch.ROWS);
      call.tileColumns = Math.ceilDiv(Math.ceilDiv(call.outWidth, parts), block) * block;
      call.tileLines = 1;
    }
  }

  @Override
  void tile(Call call, ConvScratch images, int image, int y, int lines, int x, int columns) {
    Scratch scratch = context.scratch.take();
    try {
      images.y = y;
      images.x = x;
      images.outputs = columns;
      images.first = form.firstTapRow(y + lines - 1);
      images.end = Math.max(images.first, form.endTapRow(y, call.height));
      images.whole = form.elements(lines, columns) <= MOST_LINES;
      if (images.whole) {
        images.columns = (int) form.spanOfColumns(columns);
        load(call, images, image, lines);
      }
      for (int group = 0; group < panels.length; group++) {
        multiply(call, scratch, images, group, image, lines * columns);
      }
    } finally {
      context.scratch.give(scratch);
    }
  }

  /** The lines that the windows of a tile see, padding included, minus the zero point. */
  private void load(Call call, ConvScratch images, int image, int lines) {
    int count = (int) form.span(lines);
    int size = images.columns * form.channels;
    float[] to = images.floats(count * size + ConvLoops.COPY_SLACK);
    for (int line = 0; line < count; line++) {
      long at = form.top(images.y) + line;
      if (!form.isSeen(line, lines)) {
        continue;
      }
      if (at < 0 || at >= call.height) {
        Arrays.fill(to, line * size, (line + 1) * size, 0);
        continue;
      }
      long left = form.left(images.x);
      int before = (int) Math.clamp(-left, 0L, (long) images.columns);
      int behind = (int) Math.clamp(left + images.columns - call.width, 0L, (long) images.columns - before);
      int start = line * size + before * form.channels;
      int end = (line + 1) * size - behind * form.channels;
      Arrays.fill(to, line * size, start, 0);
      Arrays.fill(to, end, (line + 1) * size, 0);
      long from = call.imageAt(image) + (at * call.width + left + before) * form.channels;
      centre(call, images, from, end - start, to, start);
    }
  }

  private void multiply(Call call, Scratch scratch, ConvScratch images, int group, int image, int rows) {
    int first = images.first * rowK;
    int end = images.end * rowK;
    int together = Scratch.COLUMNS / width;
    byte[][] panels = this.panels[group];
    for (int panel = 0; panel < panels.length; panel += together) {
      int behind = Math.min(panels.length, panel + together);
      int stride = (behind - panel) * width;
      if (first == end) {
        Arrays.fill(scratch.accumulators, 0, rows * stride, 0);
        Arrays.fill(scratch.rowSums, 0, rows, 0);
      }
      for (int k = first; k < end; k += depth) {
        int some = Math.min(depth, end - k);
        if (panel == 0 || end - first > depth) {
          for (int row = 0; row < rows; row++) {
            gather(call, images, scratch.rows, group, image, row, k, some);
          }
          if (epilogue.needsRowSums()) {
            addRowSums(scratch, rows, some, k == first);
          }
        }
        for (int p = panel; p < behind; p++) {
          LOOPS.multiply(scratch.rows, 0, rows, panels[p], k * width, some, width, scratch.sums);
          LOOPS.add(scratch.sums, rows, width, scratch.accumulators, (p - panel) * width, stride, k == first);
        }
      }
      if (flat != null && !call.dst.isHeap()) {
        flat.apply(images.loops, images.span, scratch.accumulators, call.dst.segment,
            call.pixelAt(image, images.y, images.x), rows * form.out);
        continue;
      }
      int c0 = group * form.out + panel * width;
      scratch.staging.accumulators(scratch.accumulatorSegment, 0, stride)
          .rows(form.atRun ? scratch.sameScale(images.scale, rows) : null, null, scratch.rowSumSegment, 0)
          .output(call.dst.segment, call.pixelAt(image, images.y, images.x) + c0, form.outChannels);
      epilogue.apply(scratch.staging, rows, c0,
          Math.min((group + 1) * form.out, group * form.out + behind * width));
    }
  }

  /** Copies some of the window of one output to its row. */
  private void gather(Call call, ConvScratch images, float[] to, int group, int image, int row, int k,
      int count) {
    int y = images.y + row / images.outputs;
    int x = images.x + row % images.outputs;
    int at = row * ProductLoops.STRIDE;
    boolean runs = images.whole && panels.length == 1 && form.window.dilationWidth() == 1;
    int length = runs ? rowK : form.in;
    for (int done = 0; done < count;) {
      int run = (k + done) / length;
      int inside = (k + done) % length;
      int some = Math.min(length - inside, count - done);
      int tapY = runs ? run : run / form.window.kernelWidth();
      int tapX = runs ? 0 : run % form.window.kernelWidth();
      long line = form.top(y) + (long) tapY * form.window.dilationHeight();
      long column = form.left(x) + (long) tapX * form.window.dilationWidth();
      int channel = group * form.in + inside;
      if (images.whole) {
        int pixel = (int) (line - form.top(images.y)) * images.columns
            + (int) (column - form.left(images.x));
        Form.convolutions().copy(images.floats, pixel * form.channels + channel, to, at + done, some);
      } else if (line < 0 || line >= call.height || column < 0 || column >= call.width) {
        Arrays.fill(to, at + done, at + done + some, 0);
      } else {
        centre(call, images, call.imageAt(image) + (line * call.width + column) * form.channels + channel,
            some, to, at + done);
      }
      done += some;
    }
  }

  private void centre(Call call, ConvScratch images, long from, int count, float[] to, int at) {
    for (int done = 0; done < count; done += ConvScratch.PIECE) {
      int some = Math.min(ConvScratch.PIECE, count - done);
      MemorySegment.copy(call.src.segment, ValueLayout.JAVA_BYTE, from + done, images.bytes, 0, some);
      ConvLoops.centre(images.bytes, some, form.flip, images.zeroPoint, to, at + done);
    }
  }

  private static void addRowSums(Scratch scratch, int rows, int count, boolean first) {
    for (int row = 0; row < rows; row++) {
      int sum = first ? 0 : scratch.rowSums[row];
      for (int i = 0; i < count; i++) {
        sum += (int) scratch.rows[row * ProductLoops.STRIDE + i];
      }
      scratch.rowSums[row] = sum;
    }
  }
}
