package dev.octet.internal.liboctet;

import dev.octet.Isa;
import dev.octet.engine.BackendContext;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.ConvWeights;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.PointwiseConv2d;
import dev.octet.engine.Window;
import dev.octet.internal.call.Copies;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.composed.ScaledPointwiseConv2d;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Convolution in C: tiles are some lines of outputs of one image, of some panels of output channels. */
final class NativeConv2d extends TiledKernel<ConvCall, ConvTile> implements Conv2dKernel {
  /** Lines of outputs of a tile, at least: neighbouring tiles copy the same lines of the image. */
  private static final int LEAST_LINES = 4;
  /** Channels of a depthwise convolution in a nanosecond, all taps of a 3 x 3 window done: AVX-512 VNNI. */
  private static final double DEPTHWISE_RATE = 14;

  private final Conv2dSpec spec;
  private final ConvPlan plan;
  private final String name;
  private final int panels;
  private final long scratchBytes;
  private final double nanosPerOutput;

  private NativeConv2d(Workers workers, Conv2dSpec spec, ConvPlan plan, double nanosPerOutput) {
    super(workers);
    this.spec = spec;
    this.plan = plan;
    this.name = plan.kernel();
    this.panels = ConvFunctions.panels(plan.address());
    this.scratchBytes = spec.input().atRun()
        ? ConvFunctions.scaledScratchBytes(plan.address())
        : ConvFunctions.scratchBytes(plan.address());
    this.nanosPerOutput = nanosPerOutput;
  }

  /** A convolution, by the way that suits it. */
  static Conv2dKernel prepare(BackendContext context, Conv2dSpec spec) {
    if (PointwiseConv2d.suits(spec)) {
      MatMulKernel product = NativeMatMul.prepare(context, PointwiseConv2d.product(spec));
      return spec.input().atRun()
          ? new ScaledPointwiseConv2d(spec, product)
          : new PointwiseConv2d(spec, product);
    }
    ConvWeights weights = spec.weights();
    double macs = (double) weights.height() * weights.width() * weights.inPerGroup();
    boolean depthwise = weights.inPerGroup() == 1 && weights.outChannels() == spec.groups();
    double nanos = depthwise
        ? macs / 9 / DEPTHWISE_RATE * ProductCost.dotsPerNano(Isa.AVX512VNNI)
            / ProductCost.dotsPerNano(context.isa())
        : macs / ProductCost.dotsPerNano(context.isa());
    ConvPlan plan = ConvPlan.of(spec, context.isa());
    try {
      return new NativeConv2d(context.workers(), spec, plan, nanos * weights.outChannels());
    } catch (RuntimeException | Error e) {
      plan.close();
      throw e;
    }
  }

  @Override
  protected ConvCall newCall() {
    return new ConvCall();
  }

  @Override
  protected ConvTile newState() {
    return new ConvTile();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long packedBytes() {
    return plan.bytes();
  }

  @Override
  public long scratchBytes(long rows) {
    return scratchBytes;
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width) {
    run(src, null, null, dst, batch, height, width);
  }

  @Override
  public void run(MemorySegment src, MemorySegment scales, MemorySegment zeroPoints, MemorySegment dst,
      int batch, int height, int width) {
    if (batch == 0) {
      return;
    }
    Window window = spec.window();
    long outHeight = window.outHeight(height);
    long outWidth = window.outWidth(width);
    double nanos = nanosPerOutput * batch * outHeight * outWidth;
    if (batch == 1 && nanos <= Cutting.QUICK_NANOS) {
      ConvTile tile = take();
      try {
        quick(src, scales, zeroPoints, dst, height, width, tile.scratch.of(scratchBytes));
      } finally {
        give(tile);
      }
      return;
    }
    ConvCall call = begin();
    try {
      call.set(src, 1, dst, spec.output().type().bits() / 8);
      call.size(batch, height, width, outHeight, outWidth);
      if (scales != null) {
        call.inputs.set(scales, zeroPoints, spec.scaleCount(batch));
      }
      call.inBytes = (long) width * spec.inChannels();
      call.outBytes = outWidth * spec.weights().outChannels() * (spec.output().type().bits() / 8);
      call.cut(Cutting.PRODUCT.tiles(nanos, threads(call)), Math.max(1, call.outHeight / LEAST_LINES),
          call.inBytes * window.strideHeight(), panels);
      run(call, call.tiles());
    } finally {
      end(call);
    }
  }

  private void quick(MemorySegment src, MemorySegment scales, MemorySegment zeroPoints, MemorySegment dst,
      int height, int width, long scratch) {
    int outHeight = (int) spec.window().outHeight(height);
    int outWidth = (int) spec.window().outWidth(width);
    if (scales == null) {
      ConvFunctions.quick(plan.address(), src, dst, height, width, outWidth, outHeight, panels, scratch);
      return;
    }
    float scale = scales.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0);
    int zeroPoint = zeroPoints == null ? 0 : zeroPoints.get(ValueLayout.JAVA_INT_UNALIGNED, 0);
    ConvFunctions.scaledQuick(plan.address(), scale, zeroPoint, src, dst, height, width, outWidth, outHeight,
        panels, scratch);
  }

  @Override
  protected void tile(ConvCall call, ConvTile tile, int number) {
    int line = call.firstLine(number);
    int lines = call.endLine(number) - line;
    int image = call.image(number);
    int firstPanel = call.firstPanel(number, panels);
    int endPanel = call.endPanel(number, panels);
    Window window = spec.window();
    long span = (window.kernelHeight() - 1L) * window.dilationHeight() + 1;
    long top = (long) line * window.strideHeight() - window.padTop();
    long first = Math.clamp(top, 0L, call.height);
    long end = Math.clamp(top + (lines - 1L) * window.strideHeight() + span, first, (long) call.height);
    long outBytes = lines * call.outBytes;
    Copies copies = tile.copies;
    copies.begin(call, (end - first) * call.inBytes + outBytes);
    long imageAt = (long) image * call.height * call.inBytes;
    long dstAt = ((long) image * call.outHeight + line) * call.outBytes;
    // The function is given where the whole image and all of its outputs would be.
    long src = copies.in(call.src, imageAt + first * call.inBytes, (end - first) * call.inBytes)
        - first * call.inBytes;
    long dst = copies.out(call.dst, dstAt, outBytes);
    long firstLine = dst - line * call.outBytes;
    long scratch = tile.scratch.of(scratchBytes);
    if (spec.input().atRun()) {
      ConvFunctions.scaledTile(plan.address(), call.inputs.scale(image), call.inputs.zeroPoint(image), src,
          firstLine, call, line, lines, firstPanel, endPanel - firstPanel, scratch);
    } else {
      ConvFunctions.tile(plan.address(), src, firstLine, call, line, lines, firstPanel,
          endPanel - firstPanel, scratch);
    }
    copies.back(dst, call.dst, dstAt, outBytes);
  }

  @Override
  public void close() {
    super.close();
    plan.close();
  }
}
