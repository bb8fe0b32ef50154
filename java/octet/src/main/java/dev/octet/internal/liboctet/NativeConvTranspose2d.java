package dev.octet.internal.liboctet;

import dev.octet.engine.BackendContext;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.ConvTranspose2dSpec;
import dev.octet.engine.ConvTransposePhase;
import dev.octet.engine.Window;
import dev.octet.internal.call.Copies;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.TiledKernel;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Transposed convolution in C: the convolutions of its phases, each of which writes its own pixels of the
 * output. Tiles are some lines of outputs of one image with all of their pixels, of some output channels.
 */
final class NativeConvTranspose2d extends TiledKernel<ConvCall, ConvTile>
    implements
      Conv2dKernel {
  /** Lines of a phase in a tile, at least: neighbouring tiles copy the same lines of the image. */
  private static final int LEAST_LINES = 4;
  /** A plan and its tables are made for each phase: strides up to 32 x 32. */
  private static final int MOST_PHASES = 1024;

  private final ConvTranspose2dSpec spec;
  private final List<Part> parts;
  private final String name;
  private final int panels;
  private final long scratchBytes;
  private final double nanosPerPixel;

  /** A phase as C runs it. */
  private record Part(ConvPlan plan, int firstRow, int stride, int panels) {
    /** The lines of this phase above a line of the output. */
    int linesAbove(int line) {
      return line <= firstRow ? 0 : (line - firstRow - 1) / stride + 1;
    }
  }

  private NativeConvTranspose2d(BackendContext context, ConvTranspose2dSpec spec, List<Part> parts) {
    super(context.workers());
    this.spec = spec;
    this.parts = parts;
    this.name = parts.getFirst().plan().kernel();
    this.panels = parts.stream().mapToInt(Part::panels).min().orElseThrow();
    this.scratchBytes = parts.stream().mapToLong(part -> ConvFunctions.scratchBytes(part.plan().address()))
        .max().orElseThrow();
    double macs = (double) spec.weights().height() * spec.weights().width() * spec.inPerGroup();
    this.nanosPerPixel = macs * spec.outChannels() / ProductCost.dotsPerNano(context.isa());
  }

  /** The convolutions that a transposed one is made of. */
  static Conv2dKernel prepare(BackendContext context, ConvTranspose2dSpec spec) {
    Window window = spec.window().window();
    long phases = (long) window.strideHeight() * window.strideWidth();
    if (phases > MOST_PHASES) {
      throw new UnsupportedOperationException("stride: kernels of NATIVE take a height times width of up to "
          + MOST_PHASES + " in a transposed convolution, this is " + phases);
    }
    List<Part> parts = new ArrayList<>();
    try {
      for (ConvTransposePhase phase : ConvTransposePhase.of(spec)) {
        ConvPlan plan = ConvPlan.of(phase, window, context.isa());
        parts.add(new Part(plan, phase.firstRow(), window.strideHeight(),
            ConvFunctions.panels(plan.address())));
      }
      return new NativeConvTranspose2d(context, spec, List.copyOf(parts));
    } catch (RuntimeException | Error e) {
      parts.forEach(part -> part.plan().close());
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
    long bytes = 0;
    for (Part part : parts) {
      bytes += part.plan().bytes();
    }
    return bytes;
  }

  @Override
  public long scratchBytes(long rows) {
    return scratchBytes;
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width) {
    if (batch == 0) {
      return;
    }
    int outHeight = (int) spec.window().outHeight(height);
    int outWidth = (int) spec.window().outWidth(width);
    double nanos = nanosPerPixel * batch * height * width;
    if (batch == 1 && nanos <= Cutting.QUICK_NANOS) {
      ConvTile tile = take();
      try {
        for (int i = 0; i < parts.size(); i++) {
          Part part = parts.get(i);
          ConvFunctions.quick(part.plan().address(), src, dst, height, width, outWidth,
              part.linesAbove(outHeight), part.panels(), tile.scratch.of(scratchBytes));
        }
      } finally {
        give(tile);
      }
      return;
    }
    ConvCall call = begin();
    try {
      call.set(src, 1, dst, spec.output().type().bits() / 8);
      call.size(batch, height, width, outHeight, outWidth);
      long stride = spec.window().window().strideHeight();
      call.inBytes = (long) width * spec.weights().inChannels();
      call.outBytes = (long) outWidth * spec.outChannels() * (spec.output().type().bits() / 8);
      call.cut(Cutting.PRODUCT.tiles(nanos, threads(call)),
          (int) Math.max(1, outHeight / (LEAST_LINES * stride)),
          call.inBytes / stride, panels);
      run(call, call.tiles());
    } finally {
      end(call);
    }
  }

  @Override
  protected void tile(ConvCall call, ConvTile tile, int number) {
    int line = call.firstLine(number);
    int end = call.endLine(number);
    int image = call.image(number);
    Window window = spec.window().window();
    // The lines of the image that some tap takes to these outputs.
    long span = (window.kernelHeight() - 1L) * window.dilationHeight();
    long first = Math.clamp(Math.floorDiv((long) line + window.padTop() - span, window.strideHeight()), 0L,
        (long) call.height);
    long behind = Math.clamp((end - 1L + window.padTop()) / window.strideHeight() + 1, first,
        (long) call.height);
    long outBytes = (end - line) * call.outBytes;
    Copies copies = tile.copies;
    copies.begin(call, (behind - first) * call.inBytes + outBytes);
    long imageAt = (long) image * call.height * call.inBytes;
    long dstAt = ((long) image * call.outHeight + line) * call.outBytes;
    // The function is given where the whole image and all of its outputs would be.
    long src = copies.in(call.src, imageAt + first * call.inBytes, (behind - first) * call.inBytes)
        - first * call.inBytes;
    long dst = copies.out(call.dst, dstAt, outBytes);
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      int firstLine = part.linesAbove(line);
      int firstPanel = call.firstPanel(number, part.panels());
      int endPanel = call.endPanel(number, part.panels());
      ConvFunctions.tile(part.plan().address(), src, dst - line * call.outBytes, call, firstLine,
          part.linesAbove(end) - firstLine, firstPanel, endPanel - firstPanel,
          tile.scratch.of(scratchBytes));
    }
    copies.back(dst, call.dst, dstAt, outBytes);
  }

  @Override
  public void close() {
    super.close();
    parts.forEach(part -> part.plan().close());
  }
}
