package dev.octet.onednn;

import dev.octet.WeightLayout;
import dev.octet.engine.Window;
import dev.octet.internal.call.ImageCall;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Convolution NHWC in FP32 by oneDNN: the baseline that 8-bit convolutions are compared with. Not part of the
 * main API: no checks beyond sizes, and closing it while it runs is the caller's mistake.
 *
 * <p>
 * oneDNN runs on one thread inside each tile. With several threads a batch is cut into images and, where
 * there are fewer images than threads, an image into bands of output rows.
 */
public final class FloatConv2d implements AutoCloseable {
  private static final int SHAPES = 64;
  private static final int BITS = 16;

  private final Workers workers;
  private final int outChannels;
  private final int inChannels;
  private final Window window;
  private final Span.Axis rows;
  private final Resource.Group resources = new Resource.Group();
  private final Handle packedDesc;
  private final Handle weights;
  private final Execution.Fixed[] bias;
  private final ShapeCache<Compiled> compiled;
  private final String implementation;
  private final Bands bands;

  /** A band of output rows of an image of some size. */
  private record Compiled(Span band, Runner runner) implements Resource {
    @Override
    public void close() {
      runner.close();
    }
  }

  /** A running call. */
  private static final class Call extends ImageCall {
    private int bands;
  }

  /** A tile is a band of an image; it needs nothing of its own. */
  private final class Bands extends TiledKernel<Call, StatePool.State> {
    Bands(Workers workers) {
      super(workers);
    }

    @Override
    protected Call newCall() {
      return new Call();
    }

    @Override
    protected StatePool.State newState() {
      return new StatePool.State() {
      };
    }

    @Override
    protected void tile(Call call, StatePool.State state, int tile) {
      int number = tile % call.bands;
      ShapeCache.Entry<Compiled> entry = compiled.acquire(shape(call.height, call.width, number, call.bands));
      try {
        Span band = entry.value().band();
        long xRow = 4L * call.width * inChannels;
        long yRow = 4L * call.outWidth * outChannels;
        long image = tile / call.bands;
        entry.value().runner().run(
            call.src.address + (image * call.height + band.firstIn()) * xRow,
            call.dst.address + (image * call.outHeight + band.firstOut()) * yRow, call.src.keep,
            call.dst.keep);
      } finally {
        compiled.release(entry);
      }
    }

    private void run(MemorySegment x, MemorySegment y, int batch, int height, int width) {
      Call call = begin();
      try {
        if (batch != call.batch || height != call.height) {
          call.bands = bands(batch, height);
        }
        call.set(x, Float.BYTES, y, Float.BYTES);
        call.size(batch, height, width, window.outHeight(height), window.outWidth(width));
        run(call, batch * call.bands);
      } finally {
        end(call);
      }
    }
  }

  /**
   * Packs weights.
   *
   * @param workers the threads that share a call
   * @param plain F32 weights, {@code outChannels x kernel x inPerGroup} in the order of the layout; read now
   *        only
   * @param layout OHWI or OIHW; others are refused
   * @param outChannels output channels
   * @param inPerGroup input channels of a group
   * @param groups the number of groups
   * @param window kernel, stride, dilation, padding
   * @param bias a float for each output channel, or null
   * @param height rows of the images that oneDNN chooses the packed format for; others run too
   * @param width columns of those images
   */
  public FloatConv2d(Workers workers, MemorySegment plain, WeightLayout layout, int outChannels,
      int inPerGroup,
      int groups, Window window, float[] bias, int height, int width) {
    if (layout != WeightLayout.OHWI && layout != WeightLayout.OIHW) {
      throw new IllegalArgumentException("weights: expected layout OHWI or OIHW, got " + layout);
    }
    DnnlLibrary.get();
    this.workers = workers;
    this.bands = resources.add(new Bands(workers));
    this.outChannels = outChannels;
    this.inChannels = inPerGroup * groups;
    this.window = window;
    this.rows = new Span.Axis(window.kernelHeight(), window.strideHeight(), window.dilationHeight(),
        window.padTop());
    this.compiled = resources.add(new ShapeCache<>(SHAPES, this::compile));
    int h = window.kernelHeight();
    int w = window.kernelWidth();
    long perOut = (long) h * w * inPerGroup;
    int outPerGroup = outChannels / groups;
    long[] dims = {groups, outPerGroup, inPerGroup, h, w};
    long[] strides = layout == WeightLayout.OIHW
        ? new long[]{outPerGroup * perOut, perOut, (long) h * w, w, 1}
        : new long[]{outPerGroup * perOut, perOut, 1, (long) w * inPerGroup, inPerGroup};
    try (NativeMemory copy = NativeMemory.allocate(4L * outChannels * perOut);
        Handle any = Dnnl.desc(Dnnl.F32, Dnnl.TAG_ANY, groups == 1 ? withoutGroups(dims) : dims);
        Handle plainDesc = Dnnl.stridedDesc(Dnnl.F32, groups == 1 ? withoutGroups(dims) : dims,
            groups == 1 ? withoutGroups(strides) : strides);
        Handle plainMemory = Dnnl.memory(plainDesc, copy.address())) {
      copy.segment().copyFrom(plain.asSlice(0, copy.bytes()));
      this.bias = bias == null ? new Execution.Fixed[0] : new Execution.Fixed[]{biasArgument(bias)};
      try (Handle description = describe(any, width, band(height, 0, 1))) {
        packedDesc = resources.add(Dnnl.queryDesc(description, Dnnl.QUERY_WEIGHTS));
        implementation = Dnnl.implementation(description);
      }
      NativeMemory packed = resources.add(NativeMemory.allocate(Dnnl.size(packedDesc)));
      weights = resources.add(Dnnl.memory(packedDesc, packed.address()));
      Packing.reorder(plainDesc, plainMemory, packedDesc, weights);
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  private static long[] withoutGroups(long[] grouped) {
    return new long[]{grouped[1], grouped[2], grouped[3], grouped[4]};
  }

  private Execution.Fixed biasArgument(float[] values) {
    NativeMemory memory = resources.add(NativeMemory.allocate(4L * outChannels));
    MemorySegment.copy(values, 0, memory.segment(), ValueLayout.JAVA_FLOAT, 0, outChannels);
    try (Handle desc = Dnnl.desc(Dnnl.F32, Dnnl.TAG_A, outChannels)) {
      return new Execution.Fixed(Dnnl.ARG_BIAS, resources.add(Dnnl.memory(desc, memory.address())));
    }
  }

  private Handle describe(Handle weightsDesc, int imageWidth, Span band) {
    try (Handle src = Dnnl.desc(Dnnl.F32, Dnnl.TAG_NHWC, 1, inChannels, band.in(), imageWidth);
        Handle dst = Dnnl.desc(Dnnl.F32, Dnnl.TAG_NHWC, 1, outChannels, band.out(),
            window.outWidth(imageWidth));
        Handle biasDesc = bias.length == 0 ? null : Dnnl.desc(Dnnl.F32, Dnnl.TAG_A, outChannels);
        Handle attributes = Dnnl.attributes()) {
      return Dnnl.convolution(src, weightsDesc, biasDesc, dst,
          new long[]{window.strideHeight(), window.strideWidth()},
          new long[]{window.dilationHeight() - 1L, window.dilationWidth() - 1L},
          new long[]{band.before(), window.padLeft()}, new long[]{band.after(), window.padRight()},
          attributes);
    }
  }

  private Span band(int height, int tile, int tiles) {
    long outHeight = window.outHeight(height);
    return rows.span(height, (int) (outHeight * tile / tiles), (int) (outHeight * (tile + 1) / tiles));
  }

  /** Bands of an image so that every thread has one; 1 where a band would see padding alone. */
  private int bands(int batch, int height) {
    int bands = batch >= workers.threads() ? 1 : Math.ceilDiv(workers.threads(), batch);
    for (int tile = 0; bands > 1 && tile < bands; tile++) {
      if (band(height, tile, bands).isEmpty()) {
        return 1;
      }
    }
    return bands;
  }

  private Compiled compile(long shape) {
    int tile = (int) ((shape >>> (3 * BITS)) & 0xffff);
    int height = (int) ((shape >>> (2 * BITS)) & 0xffff);
    int tiles = (int) ((shape >>> BITS) & 0xffff);
    int width = (int) (shape & 0xffff);
    Span band = band(height, tile, tiles);
    try (Handle description = describe(packedDesc, width, band)) {
      return new Compiled(band, new Runner(description, weights, bias));
    }
  }

  private static long shape(int height, int width, int tile, int tiles) {
    return ((((long) tile << BITS) | height) << BITS | tiles) << BITS | width;
  }

  /**
   * Convolves.
   *
   * @param x {@code [batch][height][width][inChannels]}, native
   * @param y {@code [batch][outHeight][outWidth][outChannels]}, native, disjoint from x
   * @param batch the number of images
   * @param height rows of an image, at most 65535
   * @param width columns of an image, at most 65535
   */
  public void run(MemorySegment x, MemorySegment y, int batch, int height, int width) {
    long xImage = 4L * height * width * inChannels;
    long yRow = 4L * window.outWidth(width) * outChannels;
    long yImage = yRow * window.outHeight(height);
    if (!x.isNative() || !y.isNative() || x.byteSize() < batch * xImage || y.byteSize() < batch * yImage
        || Math.max(height, width) >= 1 << BITS) {
      throw new IllegalArgumentException(
          "x, y: expected native segments of " + batch + " images of " + height + "x"
              + width + "x" + inChannels + " floats and their results, got " + x + " and " + y);
    }
    if (batch == 0) {
      return;
    }
    bands.run(x, y, batch, height, width);
  }

  /**
   * oneDNN's name for the code that runs.
   *
   * @return for example {@code onednn:jit:avx2}
   */
  public String kernel() {
    return "onednn:" + implementation;
  }

  /** Frees the weights; nobody may be running. */
  @Override
  public void close() {
    resources.close();
  }
}
