package dev.octet.internal.vector.images;

import dev.octet.engine.Window;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.epilogue.Staging;
import dev.octet.internal.vector.common.ConvScratch;
import dev.octet.internal.vector.common.Elements;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.common.Scratch;
import dev.octet.internal.vector.common.VectorContext;
import dev.octet.internal.vector.loops.ConvLoops;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Depthwise convolution: sums over taps, element by element, in integers. The lines of the image that a tile
 * sees lie as shorts, channels repeated as often as they have results, columns that are a stride apart side
 * by side: so for each tap the elements of a whole line of results lie in a row, however few channels there
 * are and whatever the stride. Weights are repeated likewise.
 */
final class VectorDepthwise extends ConvRun {
  /** Shorts of lines that a tile holds if it can, and the most of one: a quarter of a second cache. */
  private static final long LINES = 128 << 10;
  private static final long MOST_LINES = 4 << 20;
  /** Elements of weights a tap, at least. */
  private static final int PERIOD = 512;

  private final int repeat;
  private final int period;
  private final short[] weights;
  private final Epilogue epilogue;
  private final FlatEpilogue flat;

  VectorDepthwise(VectorContext context, ConvForm form) {
    super(context, form, "depthwise");
    this.repeat = form.out;
    this.period = period(form);
    this.weights = new SignedTaps(form.spec.weights()).centred(period, ConvLoops.SLACK);
    this.epilogue = form.epilogue(null);
    this.flat = FlatEpilogue.of(form, null);
  }

  /** Whether a convolution is depthwise, and its window not so dilated that it spans more than a tile. */
  static boolean suits(ConvForm form) {
    return form.in == 1 && form.channels > 1 && form.taps() <= ConvLoops.TAPS
        && form.elements(1, 1) * form.out <= MOST_LINES;
  }

  private static int period(ConvForm form) {
    return form.outChannels * Math.max(1, PERIOD / form.outChannels);
  }

  @Override
  public long packedBytes() {
    return 2L * weights.length + epilogue.bytes();
  }

  @Override
  public long scratchBytes(long rows) {
    return Staging.bytes() + 2 * LINES + 4 * LINES + ConvScratch.PIECE;
  }

  @Override
  void cut(Call call) {
    call.tileColumns = call.outWidth;
    call.tileLines = 1;
    while (call.tileColumns > 1 && form.elements(1, call.tileColumns) * repeat > LINES) {
      call.tileColumns = Math.ceilDiv(call.tileColumns, 2);
    }
    if (call.tileColumns == call.outWidth) {
      while (call.tileLines < call.outHeight
          && form.elements(call.tileLines + 1, call.outWidth) * repeat <= LINES) {
        call.tileLines++;
      }
    }
  }

  @Override
  void tile(Call call, ConvScratch images, int image, int y, int lines, int x, int columns) {
    Scratch scratch = context.scratch.take();
    try {
      images.y = y;
      images.x = x;
      int span = (int) form.spanOfColumns(columns);
      images.columns = Math.ceilDiv(span, form.window.strideWidth());
      images.phases = Math.min(span, form.window.strideWidth());
      load(call, images, image, lines, span);
      int count = columns * form.outChannels;
      MemorySegment sums = images.sums(lines * count + ConvLoops.SLACK);
      ConvLoops loops = Form.convolutions();
      for (int line = 0; line < lines; line++) {
        images.first = form.firstTapRow(y + line);
        images.end = Math.max(images.first, form.endTapRow(y + line, call.height));
        int taps = taps(images);
        int at = line * form.window.strideHeight() * lineSize(images);
        for (int i = 0; i < count; i += period) {
          loops.depthwise(images.shorts, at + i, weights, images.taps, images.tapWeights, taps, images.sums,
              line * count + i, Math.min(period, count - i), images.floats(period));
        }
      }
      if (flat != null && !call.dst.isHeap()) {
        flat.apply(images.loops, images.span, images.sums, call.dst.segment, call.pixelAt(image, y, x),
            lines * count);
      } else {
        finish(call, scratch, images, sums, call.pixelAt(image, y, x), lines * columns);
      }
    } finally {
      context.scratch.give(scratch);
    }
  }

  /** From sums to results; as many at a time as there are scales of rows. */
  private void finish(Call call, Scratch scratch, ConvScratch images, MemorySegment sums, long at,
      int pixels) {
    int together = form.atRun ? Scratch.ROWS : pixels;
    for (int pixel = 0; pixel < pixels; pixel += together) {
      int some = Math.min(together, pixels - pixel);
      long element = (long) pixel * form.outChannels;
      scratch.staging.accumulators(sums, element, form.outChannels)
          .rows(form.atRun ? scratch.sameScale(images.scale, some) : null, null, null, 0)
          .output(call.dst.segment, at + element, form.outChannels);
      epilogue.apply(scratch.staging, some, 0, form.outChannels);
    }
  }

  /** Columns that are one stride apart, all those of one start after those of the one before. */
  private int phaseSize(ConvScratch images) {
    return images.columns * form.outChannels;
  }

  private int lineSize(ConvScratch images) {
    return images.phases * phaseSize(images);
  }

  /** Where a column is in its line. */
  private int place(ConvScratch images, int column) {
    int stride = form.window.strideWidth();
    return column % stride * phaseSize(images) + column / stride * form.outChannels;
  }

  /** Lists the taps that lie in lines of the image. */
  private int taps(ConvScratch images) {
    Window window = form.window;
    images.tapCount(form.taps());
    int count = 0;
    for (int tapY = images.first; tapY < images.end; tapY++) {
      for (int tapX = 0; tapX < window.kernelWidth(); tapX++) {
        images.taps[count] = tapY * window.dilationHeight() * lineSize(images)
            + place(images, tapX * window.dilationWidth());
        images.tapWeights[count] = (tapY * window.kernelWidth() + tapX) * period;
        count++;
      }
    }
    return count;
  }

  /** The lines of the image that the windows of a tile see, minus the zero point; padded columns are 0. */
  private void load(Call call, ConvScratch images, int image, int lines, int columns) {
    int count = (int) form.span(lines);
    int size = lineSize(images);
    short[] to = images.shorts(count * size + ConvLoops.SLACK);
    long left = form.left(images.x);
    int before = (int) Math.clamp(-left, 0L, (long) columns);
    int behind = (int) Math.clamp(left + columns - call.width, 0L, (long) columns - before);
    int inside = columns - behind - before;
    boolean straight = form.window.strideWidth() == 1 && repeat == 1;
    for (int line = 0; line < count; line++) {
      long at = form.top(images.y) + line;
      if (at < 0 || at >= call.height || !form.isSeen(line, lines)) {
        continue;
      }
      int start = line * size;
      if (before + behind > 0) {
        Arrays.fill(to, start, start + size, (short) 0);
      }
      long from = call.imageAt(image) + (at * call.width + left + before) * form.channels;
      if (straight) {
        centre(call, images, from, inside * form.channels, to, start + before * form.channels);
      } else {
        centre(call, images, from, inside * form.channels, images.line(inside * form.channels), 0);
        for (int column = 0; column < inside; column++) {
          place(images.line, column * form.channels, to, start + place(images, before + column));
        }
      }
    }
  }

  /** A pixel, each channel repeated. */
  private void place(short[] from, int pixel, short[] to, int at) {
    if (repeat == 1) {
      System.arraycopy(from, pixel, to, at, form.channels);
      return;
    }
    for (int c = 0; c < form.channels; c++) {
      Arrays.fill(to, at + c * repeat, at + (c + 1) * repeat, from[pixel + c]);
    }
  }

  private void centre(Call call, ConvScratch images, long from, int count, short[] to, int at) {
    for (int done = 0; done < count; done += ConvScratch.PIECE) {
      int some = Math.min(ConvScratch.PIECE, count - done);
      MemorySegment.copy(call.src.segment, ValueLayout.JAVA_BYTE, from + done, images.bytes, 0, some);
      Form.convolutions().centre(images.bytes, some, form.flip, images.zeroPoint, to, at + done);
    }
  }
}
