package dev.octet.internal.liboctet;

import dev.octet.CoordinateMode;
import dev.octet.Isa;
import dev.octet.engine.BackendContext;
import dev.octet.engine.ResizeKernel;
import dev.octet.engine.ResizeSpec;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Resizing in C. */
final class NativeResize extends LineKernel<ResizeCall> implements ResizeKernel {
  private final ResizeSpec spec;
  private final double rate;

  NativeResize(BackendContext context, ResizeSpec spec) {
    this(context, spec,
        ResizeFunctions.kernel(Names.tier(context.isa()), mode(spec), Names.type(spec.type())));
  }

  private NativeResize(BackendContext context, ResizeSpec spec, int kernel) {
    super(context.workers(), kernel, plan(spec, kernel));
    this.spec = spec;
    this.rate = spec.linear() ? linearRate(context.isa()) : StreamKernel.rate(context.isa());
  }

  /** Elements of results in a nanosecond, roughly. */
  private static double linearRate(Isa isa) {
    return switch (isa) {
      case BASELINE, NEON, DOTPROD, I8MM -> 0.6;
      case AVX2, AVXVNNI, AVX512 -> 3;
      case AVX512VNNI -> 5;
    };
  }

  /** A constant of enum octet_resize_mode. */
  private static int mode(ResizeSpec spec) {
    if (spec.linear()) {
      return 0;
    }
    return switch (spec.nearest()) {
      case FLOOR -> 1;
      case CEIL -> 2;
      case ROUND_PREFER_FLOOR -> 3;
      case ROUND_PREFER_CEIL -> 4;
    };
  }

  private static PlanWriter plan(ResizeSpec spec, int kernel) {
    PlanWriter writer = new PlanWriter(ResizeFunctions.PLAN);
    writer.number("mode", mode(spec));
    // enum octet_coordinate_mode has the order of CoordinateMode
    writer.number("coordinates",
        List.of(CoordinateMode.values()).indexOf(spec.vertical().coordinates()));
    writer.number("height_scale", spec.vertical().size() > 0 ? 0 : spec.vertical().scale());
    writer.number("width_scale", spec.horizontal().size() > 0 ? 0 : spec.horizontal().scale());
    writer.number("kernel", kernel);
    return writer;
  }

  @Override
  protected ResizeCall newCall() {
    return new ResizeCall();
  }

  @Override
  int outHeight(int height) {
    return (int) spec.vertical().out(height);
  }

  @Override
  int outWidth(int width) {
    return (int) spec.horizontal().out(width);
  }

  @Override
  void sized(ResizeCall call) {
    call.makeTable(plan);
  }

  @Override
  double nanos(ResizeCall call) {
    return (double) call.lines * call.outBytes() / rate;
  }

  @Override
  long firstRow(ResizeCall call, long line) {
    return spec.firstRow((int) line, call.height, call.width);
  }

  @Override
  long endRow(ResizeCall call, long line) {
    return spec.lastRow((int) line, call.height, call.width) + 1L;
  }

  @Override
  void quick(ResizeCall call, MemorySegment src, MemorySegment dst) {
    ResizeFunctions.quick(plan, src, dst, call);
  }

  @Override
  void lines(ResizeCall call, long src, long dst, long first, long count) {
    ResizeFunctions.tile(plan, src, dst, call, first, count);
  }
}
