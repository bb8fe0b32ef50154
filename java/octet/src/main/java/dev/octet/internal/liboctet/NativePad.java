package dev.octet.internal.liboctet;

import dev.octet.engine.BackendContext;
import dev.octet.engine.PadKernel;
import dev.octet.engine.PadSpec;
import dev.octet.internal.call.LineCall;
import java.lang.foreign.MemorySegment;

/** A border around images in C. */
final class NativePad extends LineKernel<LineCall> implements PadKernel {
  private final PadSpec spec;
  private final double rate;

  NativePad(BackendContext context, PadSpec spec) {
    this(context, spec, ConcatFunctions.copyKernel(Names.tier(context.isa())));
  }

  private NativePad(BackendContext context, PadSpec spec, int kernel) {
    super(context.workers(), kernel, plan(spec, kernel));
    this.spec = spec;
    this.rate = StreamKernel.rate(context.isa());
  }

  private static PlanWriter plan(PadSpec spec, int kernel) {
    PlanWriter writer = new PlanWriter(PadFunctions.PLAN);
    writer.number("top", spec.top());
    writer.number("left", spec.left());
    writer.number("bottom", spec.bottom());
    writer.number("right", spec.right());
    writer.number("value", spec.value());
    writer.number("kernel", kernel);
    return writer;
  }

  @Override
  protected LineCall newCall() {
    return new LineCall();
  }

  @Override
  int outHeight(int height) {
    return spec.top() + height + spec.bottom();
  }

  @Override
  int outWidth(int width) {
    return spec.left() + width + spec.right();
  }

  @Override
  double nanos(LineCall call) {
    return (double) call.lines * call.outBytes() / rate;
  }

  @Override
  long firstRow(LineCall call, long line) {
    return Math.clamp(line - spec.top(), 0, call.height);
  }

  @Override
  long endRow(LineCall call, long line) {
    return Math.clamp(line + 1 - spec.top(), 0, call.height);
  }

  @Override
  void quick(LineCall call, MemorySegment src, MemorySegment dst) {
    PadFunctions.quick(plan, src, dst, call);
  }

  @Override
  void lines(LineCall call, long src, long dst, long first, long count) {
    PadFunctions.tile(plan, src, dst, call, first, count);
  }
}
