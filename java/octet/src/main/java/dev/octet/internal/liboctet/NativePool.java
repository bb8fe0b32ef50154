package dev.octet.internal.liboctet;

import dev.octet.Isa;
import dev.octet.engine.BackendContext;
import dev.octet.engine.PoolKernel;
import dev.octet.engine.PoolSpec;
import dev.octet.engine.PoolSpec.Kind;
import dev.octet.engine.Window;
import dev.octet.internal.call.Copies;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.ImageCall;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Pooling in C: tiles are some lines of outputs, of one image or of several. */
final class NativePool extends TiledKernel<NativePool.Run, NativePool.Tile> implements PoolKernel {
  /** Bytes of images that come from memory in a nanosecond, roughly. */
  private static final double READ_RATE = 13;
  /** Channels of taps in a nanosecond from the first cache, roughly. */
  private static final double TAP_RATE = 30;
  /** The same in portable C. */
  private static final double PLAIN_TAP_RATE = 3;

  private final @Nullable Window window;
  private final NativeMemory memory;
  private final long plan;
  private final String name;
  private final double tapRate;

  NativePool(BackendContext context, PoolSpec spec) {
    super(context.workers());
    this.window = spec.window();
    int kernel = PoolFunctions.kernel(Names.tier(context.isa()), spec.kind() == Kind.MAX ? 0 : 1,
        Names.type(spec.input().type()));
    this.name = Names.of(kernel);
    this.tapRate = context.isa() == Isa.BASELINE ? PLAIN_TAP_RATE : TAP_RATE;
    PlanWriter writer = new PlanWriter(PoolFunctions.PLAN);
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
    this.memory = writer.write();
    this.plan = memory.address();
  }

  @Override
  protected Run newCall() {
    return new Run();
  }

  @Override
  protected Tile newState() {
    return new Tile();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long packedBytes() {
    return memory.bytes();
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width, int channels) {
    if (batch == 0 || channels == 0) {
      return;
    }
    int outHeight = window == null ? 1 : (int) window.outHeight(height);
    int outWidth = window == null ? 1 : (int) window.outWidth(width);
    long lines = (long) batch * outHeight;
    double nanos = nanos((double) lines * outWidth, (double) batch * height * width, height, width) * channels;
    if (nanos <= Cutting.QUICK_NANOS) {
      PoolFunctions.quick(plan, src, dst, height, width, channels, outHeight, outWidth, lines);
      return;
    }
    Run call = begin();
    try {
      call.set(src, 1, dst, 1);
      call.size(batch, height, width, outHeight, outWidth);
      call.channels = channels;
      call.lines = lines;
      call.perTile = perTile(call, nanos);
      run(call, (int) Math.ceilDiv(lines, call.perTile));
    } finally {
      end(call);
    }
  }

  /** Of one channel. */
  private double nanos(double outputs, double pixels, int height, int width) {
    double taps = window == null
        ? (double) height * width
        : (double) Math.min(window.kernelHeight(), height) * Math.min(window.kernelWidth(), width);
    return Math.max(pixels / READ_RATE, outputs * taps / tapRate);
  }

  private long perTile(Run call, double nanos) {
    long lines = Cutting.STREAM.elements(call.lines, nanos, threads(call), 1);
    if (!call.hasHeap()) {
      return lines;
    }
    double line = call.inBytes() * (double) (window == null ? call.height : window.strideHeight())
        + call.outBytes();
    // No more tiles than an int can count.
    long most = Math.max(Math.max(1, (long) (Cutting.COPIED_BYTES / line)), call.lines >>> 30);
    return Math.min(lines, most);
  }

  @Override
  protected void tile(Run call, Tile tile, int number) {
    long line = number * call.perTile;
    long lines = Math.min(call.perTile, call.lines - line);
    long last = line + lines - 1;
    long first = line / call.outHeight * call.height + top(line % call.outHeight, call.height);
    long end = Math.max(first,
        last / call.outHeight * call.height + bottom(last % call.outHeight, call.height));
    long srcBytes = (end - first) * call.inBytes();
    long dstBytes = lines * call.outBytes();
    Copies copies = tile.copies;
    copies.begin(call, srcBytes + dstBytes);
    // The function is given where all images and all of their outputs would be.
    long src = copies.in(call.src, first * call.inBytes(), srcBytes) - first * call.inBytes();
    long dst = copies.out(call.dst, line * call.outBytes(), dstBytes);
    PoolFunctions.tile(plan, src, dst - line * call.outBytes(), call, line, lines);
    copies.back(dst, call.dst, line * call.outBytes(), dstBytes);
  }

  /** The first row of an image that the windows of a line may see. */
  private long top(long line, int height) {
    return window == null ? 0 : Math.clamp(line * window.strideHeight() - window.padTop(), 0L, height);
  }

  /** The row behind the last one that the windows of a line may see. */
  private long bottom(long line, int height) {
    return window == null
        ? height
        : Math.clamp(line * window.strideHeight() - window.padTop()
            + (window.kernelHeight() - 1L) * window.dilationHeight() + 1, 0L, height);
  }

  @Override
  public void close() {
    super.close();
    memory.close();
  }

  /** A running call; a tile is some lines of outputs, counted through all images. */
  static final class Run extends ImageCall {
    int channels;
    private long lines;
    private long perTile;

    /** Of a line of an image. */
    private long inBytes() {
      return (long) width * channels;
    }

    /** Of a line of outputs. */
    private long outBytes() {
      return (long) outWidth * channels;
    }
  }

  /** What a running tile has for itself. */
  static final class Tile extends StatePool.State {
    private final Copies copies = new Copies();

    @Override
    public void close() {
      copies.close();
    }
  }
}
