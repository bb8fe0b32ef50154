package dev.octet.internal.liboctet;

import dev.octet.engine.BackendContext;
import dev.octet.engine.Conv3dKernel;
import dev.octet.engine.Conv3dSpec;
import dev.octet.engine.ConvWeights;
import dev.octet.engine.DepthWindow;
import dev.octet.engine.Window;
import dev.octet.internal.call.Copies;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.ImageCall;
import dev.octet.internal.call.TiledKernel;
import java.lang.foreign.MemorySegment;

/**
 * Convolution of volumes in C, as one of images whose windows have the rows of several frames. Tiles are
 * frames of outputs, or some lines of one. Of volumes in heap arrays the frames that a frame of outputs sees
 * are copied for it.
 */
final class NativeConv3d extends TiledKernel<NativeConv3d.Run, ConvTile> implements Conv3dKernel {
  /** Outputs of a tile, at least: each kernel call sets out anew. */
  private static final int LEAST_OUTPUTS = 64;

  private final Conv3dSpec spec;
  private final ConvPlan plan;
  private final String name;
  private final int panels;
  private final long scratchBytes;
  private final double nanosPerOutput;

  private NativeConv3d(BackendContext context, Conv3dSpec spec, ConvPlan plan) {
    super(context.workers());
    ConvWeights weights = spec.weights();
    this.spec = spec;
    this.plan = plan;
    this.name = plan.kernel();
    this.panels = ConvFunctions.panels(plan.address());
    this.scratchBytes = ConvFunctions.scratchBytes(plan.address());
    double macs = (double) weights.height() * weights.width() * weights.inPerGroup();
    this.nanosPerOutput = macs * weights.outChannels() / ProductCost.dotsPerNano(context.isa());
  }

  static Conv3dKernel prepare(BackendContext context, Conv3dSpec spec) {
    ConvPlan plan = ConvPlan.of(spec, context.isa());
    try {
      return new NativeConv3d(context, spec, plan);
    } catch (RuntimeException | Error e) {
      plan.close();
      throw e;
    }
  }

  @Override
  protected Run newCall() {
    return new Run();
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
  public void run(MemorySegment src, MemorySegment dst, int batch, int depth, int height, int width) {
    if (batch == 0) {
      return;
    }
    Window window = spec.window();
    Run call = begin();
    try {
      call.set(src, 1, dst, spec.output().type().bits() / 8);
      call.size(batch, height, width, window.outHeight(height), window.outWidth(width));
      call.depth = depth;
      call.outDepth = (int) spec.depth().outDepth(depth);
      double nanos = nanosPerOutput * batch * call.outDepth * call.outHeight * call.outWidth;
      cut(call, Cutting.PRODUCT.tiles(nanos, threads(call)));
      long parts = Math.ceilDiv((long) batch * call.outDepth, call.frames);
      run(call, Math.toIntExact(parts * call.lineTiles));
    } finally {
      end(call);
    }
  }

  private void cut(Run call, int wanted) {
    call.inBytes = (long) call.height * call.width * spec.inChannels();
    call.outBytes = (long) call.outWidth * spec.weights().outChannels() * (spec.output().type().bits() / 8);
    long frames = (long) call.batch * call.outDepth;
    long most = Math.clamp((long) call.outHeight * call.outWidth / LEAST_OUTPUTS, 1L, (long) call.outHeight);
    int lineTiles = call.hasHeap() ? 1 : (int) Math.min(most, Math.ceilDiv(wanted, frames));
    call.frames = Math.ceilDiv(frames, wanted);
    call.lines = Math.ceilDiv(call.outHeight, lineTiles);
    call.lineTiles = Math.ceilDiv(call.outHeight, call.lines);
  }

  @Override
  protected void tile(Run call, ConvTile tile, int number) {
    int line = number % call.lineTiles * call.lines;
    int lines = Math.min(call.lines, call.outHeight - line);
    long first = number / call.lineTiles * call.frames;
    long end = Math.min(first + call.frames, (long) call.batch * call.outDepth);
    for (long frame = first; frame < end; frame++) {
      lines(call, tile, frame, line, lines);
    }
  }

  /** Some lines of a frame of outputs, which is counted through all volumes. */
  private void lines(Run call, ConvTile tile, long frame, int line, int lines) {
    DepthWindow window = spec.depth();
    long start = frame % call.outDepth * window.stride() - window.padFront();
    long first = Math.clamp(start, 0L, (long) call.depth);
    long end = Math.clamp(start + (window.kernel() - 1L) * window.dilation() + 1, first, (long) call.depth);
    long outBytes = lines * call.outBytes;
    Copies copies = tile.copies;
    copies.begin(call, (end - first) * call.inBytes + outBytes);
    long src = copies.in(call.src, (frame / call.outDepth * call.depth + first) * call.inBytes,
        (end - first) * call.inBytes);
    long dstAt = (frame * call.outHeight + line) * call.outBytes;
    long dst = copies.out(call.dst, dstAt, outBytes);
    // The frames that lie in the volume, and where the window begins among them.
    ConvFunctions.frames(plan.address(), src, dst - line * call.outBytes, call, (int) (end - first),
        start - first, line, lines, panels, tile.scratch.of(scratchBytes));
    copies.back(dst, call.dst, dstAt, outBytes);
  }

  @Override
  public void close() {
    super.close();
    plan.close();
  }

  /** A running call. */
  static final class Run extends ImageCall {
    private int depth;
    private int outDepth;
    /** Bytes of a frame of a volume, and of a line of outputs. */
    private long inBytes;
    private long outBytes;
    /** Frames of outputs in a tile, and lines of each. */
    private long frames;
    private int lines;
    private int lineTiles;
  }
}
