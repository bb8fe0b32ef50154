package dev.octet.internal.vector.images;

import dev.octet.DataType;
import dev.octet.engine.Numbers;
import dev.octet.engine.OutputSpec;
import dev.octet.engine.PoolKernel;
import dev.octet.engine.PoolSpec;
import dev.octet.engine.PoolSpec.Kind;
import dev.octet.engine.Window;
import dev.octet.internal.call.AutoMemory;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.LineCall;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.vector.common.Elements;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.loops.ElementLoops;
import dev.octet.internal.vector.loops.Taps;
import dev.octet.internal.vector.loops.Target;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Locale;

/** Pooling: channel by channel over the pixels of a window that lie in the image. */
public final class VectorPool extends TiledKernel<LineCall, VectorPool.State> implements PoolKernel {
  /** Bytes read in a nanosecond, roughly. */
  private static final double RATE = 13;
  /** Bytes whose sum fits an int whatever they are: 255 * 2^23 < 2^31. */
  private static final long MOST = 1 << 23;

  private final PoolSpec spec;
  /** Null: the whole image. */
  private final Window window;
  private final boolean unsigned;
  private final Target target;

  public VectorPool(Workers workers, PoolSpec spec) {
    super(workers);
    OutputSpec output = spec.output();
    this.spec = spec;
    this.window = spec.kind() == Kind.GLOBAL_AVERAGE ? null : spec.window();
    this.unsigned = spec.input().type() == DataType.U8;
    this.target = new Target(output.zeroPoint(), output.lo(), output.hi());
  }

  @Override
  protected LineCall newCall() {
    return new LineCall();
  }

  @Override
  protected State newState() {
    return new State();
  }

  @Override
  public String name() {
    return Form.name(spec.kind().toString().toLowerCase(Locale.ROOT) + "_pool_", spec.input().type());
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width, int channels) {
    if (batch == 0 || channels == 0) {
      return;
    }
    LineCall call = begin();
    try {
      call.set(src, 1, dst, 1);
      call.size(batch, height, width, window == null ? 1 : window.outHeight(height),
          window == null ? 1 : window.outWidth(width));
      call.channels(channels);
      double nanos = (double) batch * height * width * channels / RATE;
      call.perTile = Cutting.STREAM.elements(call.lines, nanos, threads(call), 1);
      run(call, call.tiles());
    } finally {
      end(call);
    }
  }

  @Override
  protected void tile(LineCall call, State state, int number) {
    long first = call.firstOf(number);
    long end = first + call.countOf(number);
    boolean copied = state.loops.nativeOnly() && call.hasHeap();
    long outBytes = (long) call.outWidth * call.channels;
    for (long line = first; line < end; line++) {
      long at = call.dst.first + line * outBytes;
      long image = line / call.outHeight;
      int y = (int) (line % call.outHeight);
      state.src = call.src.segment;
      state.srcBase = call.src.first + image * call.height * call.width * call.channels;
      state.dst = call.dst.segment;
      state.dstAt = at;
      if (copied) {
        state.copyLines(call, y);
        state.dst = state.results.of(outBytes);
        state.dstAt = 0;
      }
      if (window == null) {
        state.whole(call);
      } else {
        state.line(call, y);
      }
      if (copied) {
        MemorySegment.copy(state.dst, 0, call.dst.segment, at, outBytes);
      }
    }
  }

  /** What a running tile has for itself. */
  final class State extends StatePool.State {
    private final Elements loops = new Elements();
    private final Taps taps = new Taps();
    private final int[] sums = new int[ElementLoops.TABLE];
    private final long[] longSums = new long[ElementLoops.TABLE];
    private final AutoMemory images = new AutoMemory();
    private final AutoMemory results = new AutoMemory();
    /** Where the source is that {@link #line} reads, and what its line 0 would be. */
    private MemorySegment src;
    private long srcBase;
    private MemorySegment dst;
    private long dstAt;

    @Override
    protected void clear() {
      src = null;
      dst = null;
    }

    /** Those lines of the image that the windows of an output line see. */
    private void copyLines(LineCall call, int y) {
      long lineBytes = (long) call.width * call.channels;
      long first = window == null ? 0 : Math.clamp(top(y), 0, call.height);
      long end = window == null
          ? call.height
          : Math.clamp(top(y) + (window.kernelHeight() - 1L) * window.dilationHeight() + 1, first,
              call.height);
      MemorySegment memory = images.of((end - first) * lineBytes);
      MemorySegment.copy(src, srcBase + first * lineBytes, memory, 0, (end - first) * lineBytes);
      src = memory;
      srcBase = -first * lineBytes;
    }

    private long top(int y) {
      return (long) y * window.strideHeight() - window.padTop();
    }

    private void whole(LineCall call) {
      taps.rows = call.height;
      taps.rowStep = (long) call.width * call.channels;
      taps.columns = call.width;
      taps.columnStep = call.channels;
      pixel((long) call.height * call.width, srcBase, call.channels);
    }

    private void line(LineCall call, int y) {
      int height = call.height;
      int width = call.width;
      long top = top(y);
      int tapY = Window.firstTap(top, window.dilationHeight(), window.kernelHeight());
      taps.rows = Window.endTap(top, height, window.dilationHeight(), window.kernelHeight(), tapY) - tapY;
      taps.rowStep = (long) window.dilationHeight() * width * call.channels;
      taps.columnStep = (long) window.dilationWidth() * call.channels;
      long paddedRows = window.paddedRows(top, height);
      for (int x = 0; x < call.outWidth; x++) {
        long left = (long) x * window.strideWidth() - window.padLeft();
        int tapX = Window.firstTap(left, window.dilationWidth(), window.kernelWidth());
        taps.columns = Window.endTap(left, width, window.dilationWidth(), window.kernelWidth(), tapX) - tapX;
        long pixel = (top + (long) tapY * window.dilationHeight()) * width + left
            + (long) tapX * window.dilationWidth();
        pixel(paddedRows * window.paddedColumns(left, width), srcBase + pixel * call.channels,
            call.channels);
        dstAt += call.channels;
      }
    }

    /** One pixel of the result: all channels of the taps whose first one begins at a byte. */
    private void pixel(long paddedTaps, long at, int channels) {
      for (int c = 0; c < channels; c += ElementLoops.TABLE) {
        taps.at = at + c;
        part(paddedTaps, Math.min(ElementLoops.TABLE, channels - c), dstAt + c);
      }
    }

    private void part(long paddedTaps, int channels, long to) {
      long count = (long) taps.rows * taps.columns;
      if (spec.kind() == Kind.MAX) {
        if (count == 0) {
          for (int c = 0; c < channels; c++) {
            dst.set(ValueLayout.JAVA_BYTE, to + c, (byte) spec.input().type().min());
          }
        } else {
          loops.now().max(src, taps, unsigned, dst, to, channels);
        }
        return;
      }
      long divisor = spec.countPadding() ? paddedTaps : count;
      float multiplier = spec.input().scale() / ((float) Math.max(1, divisor) * spec.output().scale());
      if (count <= MOST) {
        loops.now().sums(src, taps, unsigned, sums, channels);
        loops.now().round(sums, (int) count * spec.input().zeroPoint(), multiplier, target, dst, to,
            channels);
      } else {
        averageOfMany(count, multiplier, channels, to);
      }
    }

    /** Line by line of the window, or part by part of one; the sums as longs. */
    private void averageOfMany(long count, float multiplier, int channels, long to) {
      Arrays.fill(longSums, 0, channels, 0);
      int rows = taps.rows;
      int columns = taps.columns;
      long start = taps.at;
      taps.rows = 1;
      for (int y = 0; y < rows; y++) {
        for (long x = 0; x < columns; x += MOST) {
          taps.at = start + y * taps.rowStep + x * taps.columnStep;
          taps.columns = (int) Math.min(MOST, columns - x);
          loops.now().sums(src, taps, unsigned, sums, channels);
          for (int c = 0; c < channels; c++) {
            longSums[c] += sums[c];
          }
        }
      }
      taps.rows = rows;
      for (int c = 0; c < channels; c++) {
        float t = (float) (longSums[c] - count * spec.input().zeroPoint()) * multiplier;
        dst.set(ValueLayout.JAVA_BYTE, to + c,
            (byte) Numbers.round(t, target.zeroPoint(), target.lo(), target.hi()));
      }
    }
  }
}
