package dev.octet.internal.liboctet;

import dev.octet.engine.BackendContext;
import dev.octet.engine.PoolKernel;
import dev.octet.engine.PoolSpec;
import dev.octet.engine.PoolSpec.Kind;
import dev.octet.engine.Window;
import dev.octet.internal.call.LineCall;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Pooling in C. */
final class NativePool extends LineKernel<LineCall> implements PoolKernel {
  /** Bytes of images that come from memory in a nanosecond, roughly. */
  private static final double READ_RATE = 13;
  /** Channels of taps in a nanosecond from the first cache, roughly. */
  private static final double TAP_RATE = 30;
  /** The same in portable C. */
  private static final double PLAIN_TAP_RATE = 3;

  /** Null: the whole image. */
  private final @Nullable Window window;
  private final double tapRate;

  NativePool(BackendContext context, PoolSpec spec) {
    this(context, spec, PoolFunctions.kernel(Names.tier(context.isa()), spec.kind() == Kind.MAX ? 0 : 1,
        Names.type(spec.input().type())));
  }

  private NativePool(BackendContext context, PoolSpec spec, int kernel) {
    super(context.workers(), kernel, plan(spec, kernel));
    this.window = spec.window();
    this.tapRate = Names.isPortable(kernel) ? PLAIN_TAP_RATE : TAP_RATE;
  }

  private static PlanWriter plan(PoolSpec spec, int kernel) {
    PlanWriter writer = new PlanWriter(PoolFunctions.PLAN);
    Window window = spec.window();
    if (window != null) {
      writer.number("kernel_height", window.kernelHeight());
      writer.number("kernel_width", window.kernelWidth());
      writer.number("stride_height", window.strideHeight());
      writer.number("stride_width", window.strideWidth());
      writer.number("dilation_height", window.dilationHeight());
      writer.number("dilation_width", window.dilationWidth());
      writer.number("pad_top", window.padTop());
      writer.number("pad_left", window.padLeft());
      writer.number("pad_bottom", window.padBottom());
      writer.number("pad_right", window.padRight());
      writer.number("count_padding", spec.countPadding() ? 1 : 0);
    }
    writer.number("kernel", kernel);
    writer.number("input_scale", spec.input().scale());
    writer.number("output_scale", spec.output().scale());
    writer.number("input_zero_point", spec.input().zeroPoint());
    writer.output(spec.output());
    return writer;
  }

  @Override
  protected LineCall newCall() {
    return new LineCall();
  }

  @Override
  int outHeight(int height) {
    return window == null ? 1 : (int) window.outHeight(height);
  }

  @Override
  int outWidth(int width) {
    return window == null ? 1 : (int) window.outWidth(width);
  }

  @Override
  double nanos(LineCall call) {
    double taps = window == null
        ? (double) call.height * call.width
        : (double) Math.min(window.kernelHeight(), call.height)
            * Math.min(window.kernelWidth(), call.width);
    double read = (double) call.batch * call.height * call.inBytes() / READ_RATE;
    return Math.max(read, (double) call.lines * call.outBytes() * taps / tapRate);
  }

  @Override
  long firstRow(LineCall call, long line) {
    return window == null ? 0 : Math.clamp(line * window.strideHeight() - window.padTop(), 0L, call.height);
  }

  @Override
  long endRow(LineCall call, long line) {
    return window == null
        ? call.height
        : Math.clamp(line * window.strideHeight() - window.padTop()
            + (window.kernelHeight() - 1L) * window.dilationHeight() + 1, 0L, call.height);
  }

  @Override
  void quick(LineCall call, MemorySegment src, MemorySegment dst) {
    PoolFunctions.quick(plan, src, dst, call);
  }

  @Override
  void lines(LineCall call, long src, long dst, long first, long count) {
    PoolFunctions.tile(plan, src, dst, call, first, count);
  }
}
