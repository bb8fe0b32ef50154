package dev.octet.internal.vector.images;

import dev.octet.DataType;
import dev.octet.engine.ResizeAxis;
import dev.octet.engine.ResizeKernel;
import dev.octet.engine.ResizeSpec;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.LineCall;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.vector.common.Form;
import java.lang.foreign.MemorySegment;

/** Resizes of images, line by line and, in long lines, part by part. */
public final class VectorResize extends TiledKernel<LineCall, VectorResize.State> implements ResizeKernel {
  /** Bytes of results in a nanosecond, roughly. */
  private static final double NEAREST_RATE = 3;
  private static final double LINEAR_RATE = 2;

  private final ResizeSpec spec;

  public VectorResize(Workers workers, ResizeSpec spec) {
    super(workers);
    this.spec = spec;
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
    return Form.name(spec.linear() ? "linear_resize_" : "nearest_resize_", spec.type());
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width, int channels) {
    if (batch == 0 || channels == 0) {
      return;
    }
    LineCall call = begin();
    try {
      call.set(src, 1, dst, 1);
      call.size(batch, height, width, spec.vertical().out(height), spec.horizontal().out(width));
      call.channels(channels);
      double nanos = call.lines * (double) call.outBytes() / (spec.linear() ? LINEAR_RATE : NEAREST_RATE);
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
    int perPart = ResizeColumns.perPart(call.channels);
    for (int pixel = 0; pixel < call.outWidth; pixel += perPart) {
      state.columns.of(call, pixel);
      state.begin();
      for (long line = first; line < end; line++) {
        long image = call.src.first + line / call.outHeight * call.height * call.inBytes();
        long to = call.dst.first + line * call.outBytes() + (long) pixel * call.channels;
        state.line(call, image, (int) (line % call.outHeight), to);
      }
    }
  }

  /** What a running tile has for itself. */
  final class State extends StatePool.State {
    private final ResizeColumns columns = new ResizeColumns(spec);
    private final LinearLines linear = spec.linear()
        ? new LinearLines(columns, spec.type() == DataType.U8)
        : null;
    private final NearestLines nearest = spec.linear() ? null : new NearestLines(columns);

    /** Forgets the lines of another part or call. */
    private void begin() {
      if (spec.linear()) {
        linear.begin();
      } else {
        nearest.begin();
      }
    }

    private void line(LineCall call, long image, int o, long to) {
      float y = spec.row(o, call.height, call.width);
      if (spec.linear()) {
        int first = (int) y;
        int second = ResizeAxis.second(first, call.height);
        linear.line(call, image, first, second, ResizeAxis.firstWeight(y, first, second),
            ResizeAxis.secondWeight(y, first, second), to);
      } else {
        nearest.line(call, image + ResizeAxis.nearest(spec.nearest(), y) * call.inBytes(), to);
      }
    }
  }
}
