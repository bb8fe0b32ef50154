package dev.octet.onednn;

import dev.octet.DataType;
import dev.octet.engine.BackendContext;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.Window;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.epilogue.Staging;
import dev.octet.internal.ffm.Borrowed;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import dev.octet.internal.ffm.StatePool;
import dev.octet.internal.pack.ConvTaps;
import dev.octet.internal.pack.Signs;
import dev.octet.internal.parallel.Pool;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;

/**
 * Convolution by oneDNN's own convolution, band by band: where its results go is a subclass's affair. Source
 * pixels are unsigned; where they are that already, in native memory and with the channels that oneDNN is to
 * see, they are read where they are.
 *
 * <p>
 * A convolution is compiled for one size of image (0.1 to 0.5 ms), so what was compiled is kept for the sizes
 * that were used last. Outputs that see padding alone are not convolved: oneDNN leaves its fast
 * implementations where windows lie beside the image.
 */
abstract class BandedConv2d implements Conv2dKernel, Resource {
  static final String OP = "conv2d";

  /** Sizes of images. */
  private static final int SIZES = 32;
  /** Images that are convolved at once, where they are small. */
  private static final int MOST_IMAGES = 16;
  /** Multiplications that are worth a second thread: 4 us with VNNI. */
  private static final long PARALLEL_WORK = 1_500_000;
  /**
   * Rows and columns of the result for which oneDNN chooses an implementation and the format of the weights.
   */
  private static final int NOMINAL_OUTPUTS = 28;

  final Conv2dSpec spec;
  final ConvForm form;
  final int outputBytes;
  private final Window window;
  private final BackendContext context;
  private final Int8Rule rule;
  private final Span.Axis rowAxis;
  private final Span.Axis columnAxis;
  private final boolean signed;
  private final Fit fit;
  private final Extras extras;
  private final Epilogue whole;
  private final Execution.Fixed[] fixed;
  private final PackedTaps weights;
  private final Group resources = new Group();
  private final ShapeCache<ConvPlan> plans;
  private final StatePool<State> states;
  private final Pool<Call> calls = new Pool<>(Call::new);
  private UnfoldedConv2d unfolded;

  /** What oneDNN does beside the convolution itself. */
  interface Extras {
    /** oneDNN's type of the results. */
    int result();

    /** Whether it adds a float to each output channel. */
    boolean isBiased();

    /** What it does to results; a new one each time. */
    Handle attributes();

    /**
     * Arguments that stay the same in each execution: scales, bias, zero points; they live as long as the
     * owner.
     */
    Execution.Fixed[] arguments(Group owner);
  }

  /**
   * A form that oneDNN has an implementation for.
   *
   * @param form how the convolution is put to it
   * @param implementation oneDNN's name for it
   * @param parts how weights are handed to it
   * @param bounded whether any implementation stores sums well enough: they are small, or no integers
   */
  record Fit(ConvForm form, String implementation, Int8Rule.Form parts, boolean bounded) {
    ConvForm.Limits limits() {
      return ConvForm.Limits.of(parts);
    }

    Fit in(Int8Rule.Form other) {
      return new Fit(form, implementation, other, bounded);
    }

    Fit bounded(boolean isBounded) {
      return new Fit(form, implementation, parts, isBounded);
    }

    /** Whether an implementation stores the sums of this as well as is asked for. */
    boolean keepsSums(String other) {
      return bounded || ExactSums.convolutionKeeps(other);
    }
  }

  /**
   * Packs weights.
   *
   * @param context threads
   * @param rule which implementations may run
   * @param spec the op
   * @param taps its weights
   * @param fit how they are put to oneDNN
   * @param extras what else oneDNN does
   * @param whole the epilogue of outputs that see the whole window
   */
  BandedConv2d(BackendContext context, Int8Rule rule, Conv2dSpec spec, ConvTaps taps, Fit fit, Extras extras,
      Epilogue whole) {
    this.spec = spec;
    this.window = spec.window();
    this.context = context;
    this.rule = rule;
    this.fit = fit;
    this.form = fit.form();
    this.extras = extras;
    this.whole = whole;
    this.outputBytes = spec.output().type().bits() / 8;
    this.signed = spec.input().type() == DataType.S8;
    this.rowAxis = new Span.Axis(window.kernelHeight(), window.strideHeight(), window.dilationHeight(),
        window.padTop());
    this.columnAxis = new Span.Axis(window.kernelWidth(), window.strideWidth(), window.dilationWidth(),
        window.padLeft());
    try (Handle any = form.anyWeights(window); Handle description = nominal(window, form, extras, any)) {
      int parts = taps.parts(fit.limits().min(), fit.limits().max());
      this.weights = resources.add(PackedTaps.of(form, window, taps, parts, fit.limits(),
          Dnnl.queryDesc(description, Dnnl.QUERY_WEIGHTS)));
      this.fixed = extras.arguments(resources);
      this.plans = resources.add(new ShapeCache<>(SIZES, this::plan));
      this.states = resources.add(new StatePool<>(State::new));
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /**
   * Whether oneDNN has an implementation of a form that may run.
   *
   * @param rule which may
   * @param spec the op
   * @param form how it is put to oneDNN
   * @param extras what else oneDNN does
   * @return the implementation, or null if it must not run
   */
  static Fit fit(Int8Rule rule, Conv2dSpec spec, ConvForm form, Extras extras) {
    if (!isIndexable(spec.window(), form)) {
      return null;
    }
    try (Handle any = form.anyWeights(spec.window());
        Handle description = nominal(spec.window(), form, extras, any)) {
      String implementation = Dnnl.implementation(description);
      Int8Rule.Form parts = rule.convolution(implementation);
      return parts == null ? null : new Fit(form, implementation, parts, true);
    } catch (DnnlException e) {
      if (!e.isUnimplemented()) {
        throw e;
      }
      return null;
    }
  }

  /**
   * Whether steps and padding are below 2^15, and an image of middling size and the weights of a group have
   * less than 2^31 elements: oneDNN's implementations count with 32 bits inside, and 3.13 crashed on a window
   * beyond them. Other windows go to products.
   */
  private static boolean isIndexable(Window window, ConvForm form) {
    int most = Math.max(
        Math.max(Math.max(window.strideHeight(), window.strideWidth()),
            Math.max(window.dilationHeight(), window.dilationWidth())),
        Math.max(Math.max(window.padTop(), window.padBottom()),
            Math.max(window.padLeft(), window.padRight())));
    if (most > Short.MAX_VALUE) {
      return false;
    }
    // Each factor is below 2^38: the product is one of doubles.
    double image = (double) nominalAxis(window.kernelHeight(), window.strideHeight(), window.dilationHeight(),
        window.padTop())
        * nominalAxis(window.kernelWidth(), window.strideWidth(), window.dilationWidth(), window.padLeft())
        * form.sourceChannels();
    return image <= Integer.MAX_VALUE && form.weights(window) <= Integer.MAX_VALUE;
  }

  /** A convolution of an image of middling size. */
  private static Handle nominal(Window window, ConvForm form, Extras extras, Handle weights) {
    Span rows = nominal(window.kernelHeight(), window.strideHeight(), window.dilationHeight(),
        window.padTop());
    Span columns = nominal(window.kernelWidth(), window.strideWidth(), window.dilationWidth(),
        window.padLeft());
    try (Handle attributes = extras.attributes()) {
      return form.describe(window, weights, extras.result(), extras.isBiased(), 1, rows, columns, attributes);
    }
  }

  private static Span nominal(int taps, int stride, int dilation, int padding) {
    Span.Axis axis = new Span.Axis(taps, stride, dilation, nominalPadding(taps, dilation, padding));
    return axis.span((int) nominalAxis(taps, stride, dilation, padding), 0, NOMINAL_OUTPUTS);
  }

  /** Inputs of an image of middling size along an axis. */
  private static long nominalAxis(int taps, int stride, int dilation, int padding) {
    return (taps - 1L) * dilation + 1 + (NOMINAL_OUTPUTS - 1L) * stride
        - nominalPadding(taps, dilation, padding);
  }

  private static int nominalPadding(int taps, int dilation, int padding) {
    return (int) Math.min(padding, (taps - 1L) * dilation);
  }

  // ---------------------------------------------------------------------------------------------- for
  // subclasses

  /** Whether outputs are told apart by what taps they see. */
  abstract boolean isBorderAware();

  /** The epilogue of outputs, by what they see; null if they need none of ours. */
  abstract Epilogue epilogue(ConvPlan.Zone rows, ConvPlan.Zone columns);

  /**
   * Bytes of the results of one pixel while they are under way; bands are made so small that these stay
   * cached.
   */
  abstract long pixelBytes();

  /** The most bytes of such results in a band. */
  abstract long bandBytes();

  /** Computes a band of some images. */
  abstract void compute(State state, Call call, ConvPlan.Band band, int firstImage, int images);

  /** How many parts the weights have. */
  final int parts() {
    return weights.count();
  }

  // -------------------------------------------------------------------------------------------------------
  // shapes

  private ConvPlan plan(long size) {
    int height = (int) (size >>> 32);
    int width = (int) size;
    return new ConvPlan(height, width, rowAxis, columnAxis, (int) window.outHeight(height),
        (int) window.outWidth(width), isBorderAware(), this::epilogue, this::compile);
  }

  /**
   * In the format of the weights as they are packed, or in another one, if oneDNN wants that for this size.
   */
  private ConvPlan.Compiled compile(int images, Span rows, Span columns) {
    ConvPlan.Compiled compiled = tryCompile(weights.desc(), images, rows, columns);
    if (compiled == null) {
      try (Handle any = form.anyWeights(window)) {
        compiled = tryCompile(any, images, rows, columns);
      }
    }
    return compiled;
  }

  /** Null if what oneDNN would run must not. */
  private ConvPlan.Compiled tryCompile(Handle weightsDesc, int images, Span rows, Span columns) {
    try (Handle attributes = extras.attributes();
        Handle description = form.describe(window, weightsDesc, extras.result(), extras.isBiased(), images,
            rows,
            columns, attributes)) {
      String implementation = Dnnl.implementation(description);
      Int8Rule.Form needed = rule.convolution(implementation);
      if (needed == null || (needed == Int8Rule.Form.SPLIT && fit.parts() != needed)
          || !fit.keepsSums(implementation) || isMiscomputed(implementation, columns)) {
        return null;
      }
      Handle wanted = Dnnl.queryDesc(description, Dnnl.QUERY_WEIGHTS);
      if (Dnnl.equal(wanted, weights.desc())) {
        wanted.close();
        return new ConvPlan.Compiled(new Runner(description, null, fixed), weights, false);
      }
      PackedTaps own = weights.reordered(wanted);
      try {
        return new ConvPlan.Compiled(new Runner(description, null, fixed), own, true);
      } catch (RuntimeException | Error e) {
        own.close();
        throw e;
      }
    } catch (DnnlException e) {
      if (!e.isUnimplemented()) {
        throw e;
      }
      return null;
    }
  }

  /**
   * Whether oneDNN 3.13 reads wrong pixels (found by comparing 20,000 random convolutions; brg_conv_fwd with
   * avx512_core_vnni and weights packed as aBdec16b): with one input channel a group, windows more than a
   * column apart, and one column of outputs, rows of the result behind the first one are wrong.
   */
  private boolean isMiscomputed(String implementation, Span columns) {
    return implementation.startsWith("brg_conv_fwd") && form.in() == 1 && window.strideWidth() > 1
        && columns.out() == 1;
  }

  /** For sizes that oneDNN must not run. */
  final synchronized UnfoldedConv2d unfolded() {
    if (unfolded == null) {
      try (Handle plainDesc = form.plainWeights(window); Group memory = new Group()) {
        List<NativeMemory> plain = new ArrayList<>();
        for (int part = 0; part < weights.count(); part++) {
          plain.add(memory.add(weights.plain(part, plainDesc)));
        }
        unfolded = resources.add(new UnfoldedConv2d(context, rule, spec, form, plain, whole));
      }
    }
    return unfolded;
  }

  // ---------------------------------------------------------------------------------------------------------
  // runs

  /** What one running tile needs. */
  final class State extends StatePool.State {
    private final Group owned = new Group();
    private final Scratch source = owned.add(new Scratch());
    /** For what oneDNN computes. */
    final Scratch results = owned.add(new Scratch());
    private final NativeMemory zeros = owned.add(NativeMemory.allocate(4L * form.resultChannels()));
    private final Staging staging = owned.add(new Staging(context.isa()));
    private final byte[] pixel = new byte[spec.inChannels()];
    private final byte[] widePixel = new byte[form.sourceChannels()];

    private State() {
      zeros.segment().fill((byte) 0);
    }

    /** Brings a pixel into the form that oneDNN sees. */
    private void widen() {
      if (form.repeat() == 1) {
        System.arraycopy(pixel, 0, widePixel, 0, pixel.length);
      } else {
        for (int i = 0; i < widePixel.length; i++) {
          widePixel[i] = pixel[i / form.repeat()];
        }
      }
    }

    @Override
    public void close() {
      owned.close();
    }
  }

  /** The arguments of a running call; a tile is a band of an image, or of several small ones. */
  final class Call implements Workers.Tiles {
    private MemorySegment src;
    private MemorySegment srcView;
    private long srcBase;
    private boolean inPlace;
    private MemorySegment keep = MemorySegment.NULL;
    private MemorySegment dst;
    private MemorySegment dstView;
    private long dstBase;
    private int batch;
    private int height;
    private int width;
    private ConvPlan plan;
    private ConvPlan.Partition several;
    private ConvPlan.Partition single;
    private int blocks;
    private int tiles;

    /** Cuts the call; false if oneDNN must not run it. */
    private boolean set(ConvPlan sized, MemorySegment from, MemorySegment to, int images, int rows,
        int columns) {
      plan = sized;
      src = from;
      srcView = Borrowed.view(from);
      srcBase = Borrowed.base(from);
      inPlace = from.isNative() && !signed && form.isSourcePlain();
      keep = inPlace ? Borrowed.keep(from) : MemorySegment.NULL;
      dst = to;
      dstView = Borrowed.elementView(to, outputBytes);
      dstBase = Borrowed.elementBase(to, outputBytes);
      batch = images;
      height = rows;
      width = columns;
      return cut();
    }

    private boolean cut() {
      int outHeight = plan.outHeight();
      int outWidth = plan.outWidth();
      long fitting = bandBytes() / pixelBytes();
      // A part of a row lies in memory without gaps only if it is the only row; sequences are that, and long.
      boolean byColumns = height == 1;
      int outputs = byColumns ? outWidth : outHeight;
      int across = byColumns ? outHeight : outWidth;
      int bands = Math.ceilDiv(outputs, Math.clamp(fitting / across, 1, outputs));
      int atOnce = bands > 1
          ? 1
          : Math.clamp(fitting / ((long) outHeight * outWidth), 1, Math.min(MOST_IMAGES, batch));
      int threads = isWorthThreads() ? context.workers().threads() : 1;
      atOnce = Math.clamp(batch / threads, 1, atOnce);
      if ((long) batch * bands < threads) {
        bands = Math.min(outputs, Math.ceilDiv(threads, batch));
      }
      single = plan.partition(1, byColumns ? 1 : bands, byColumns ? bands : 1);
      several = atOnce == 1 ? single : plan.partition(atOnce, 1, 1);
      if (single == null || several == null) {
        return false;
      }
      blocks = batch / atOnce;
      tiles = Math.addExact(Math.multiplyExact(blocks, several.bands().size()),
          Math.multiplyExact(batch % atOnce, single.bands().size()));
      return true;
    }

    private boolean isWorthThreads() {
      double outputs = (double) batch * plan.outHeight() * plan.outWidth() * spec.weights().outChannels();
      double perOutput = (double) window.kernelHeight() * window.kernelWidth() * spec.weights().inPerGroup();
      return outputs * perOutput >= PARALLEL_WORK;
    }

    @Override
    public void run(int tile) {
      int inBlocks = blocks * several.bands().size();
      boolean inBlock = tile < inBlocks;
      ConvPlan.Partition partition = inBlock ? several : single;
      int index = inBlock ? tile : tile - inBlocks;
      int bands = partition.bands().size();
      int firstImage = (inBlock ? 0 : blocks * several.images()) + index / bands * partition.images();
      State state = states.take();
      try {
        compute(state, this, partition.bands().get(index % bands), firstImage, partition.images());
      } finally {
        state.staging.clear();
        states.give(state);
      }
    }

    /**
     * The address of the source of a band, for {@link #convolve}; brings it into oneDNN's form if need be.
     */
    long source(State state, ConvPlan.Band band, int firstImage, int images) {
      Span rows = band.rows();
      Span columns = band.columns();
      long pixel = ((long) firstImage * height + rows.firstIn()) * width + columns.firstIn();
      if (inPlace) {
        return src.address() + pixel * spec.inChannels();
      }
      int pixels = rows.in() * columns.in();
      NativeMemory to = state.source.memory((long) images * pixels * form.sourceChannels());
      for (int image = 0; image < images; image++) {
        load(state, srcBase + (pixel + (long) image * height * width) * spec.inChannels(), to.segment(),
            (long) image * pixels * form.sourceChannels(), pixels);
      }
      return to.address();
    }

    private void load(State state, long from, MemorySegment to, long at, int pixels) {
      if (form.isSourcePlain()) {
        MemorySegment.copy(srcView, from, to, at, (long) pixels * spec.inChannels());
      } else {
        for (int pixel = 0; pixel < pixels; pixel++) {
          MemorySegment.copy(srcView, ValueLayout.JAVA_BYTE, from + (long) pixel * spec.inChannels(),
              state.pixel, 0,
              spec.inChannels());
          state.widen();
          MemorySegment.copy(state.widePixel, 0, to, ValueLayout.JAVA_BYTE,
              at + (long) pixel * form.sourceChannels(), form.sourceChannels());
        }
      }
      if (signed) {
        Signs.flip(to, at, (long) pixels * form.sourceChannels());
      }
    }

    /**
     * Convolves a band that sees the image.
     *
     * @param band the band
     * @param source what {@link #source} returned
     * @param part of the weights
     * @param to the address of the results
     * @param keepTo what keeps them alive, or NULL
     */
    void convolve(ConvPlan.Band band, long source, int part, long to, MemorySegment keepTo) {
      ConvPlan.Compiled compiled = band.compiled();
      compiled.runner().run(source, compiled.weights().part(part).address(), to, keep, keepTo);
    }

    /** The first element of a pixel of the result, counted from the first one of the call. */
    private long element(int image, int row, int column) {
      return (((long) image * plan.outHeight() + row) * plan.outWidth() + column)
          * spec.weights().outChannels();
    }

    /** Whether the results of a band lie in the caller's memory as oneDNN writes them. */
    boolean isDense(ConvPlan.Band band, int images) {
      boolean allRows = band.rows().out() == plan.outHeight();
      boolean allColumns = band.columns().out() == plan.outWidth();
      boolean together = images == 1 ? allColumns || plan.outHeight() == 1 : allRows && allColumns;
      return dst.isNative() && together;
    }

    /** Where the results of a band go. */
    long resultAddress(ConvPlan.Band band, int image) {
      return dst.address() + element(image, band.rows().firstOut(), band.columns().firstOut()) * outputBytes;
    }

    /** What keeps the caller's results alive. */
    MemorySegment keepResults() {
      return Borrowed.keep(dst);
    }

    /**
     * Puts results of one image through the epilogues of their zones.
     *
     * @param state the tile's own
     * @param band the band
     * @param image which image
     * @param accumulators in as many planes as the weights have parts
     * @param at the element of the first one
     * @param plane elements from one plane to the next
     */
    void finish(State state, ConvPlan.Band band, int image, MemorySegment accumulators, long at, long plane) {
      for (int i = 0; i < plan.rowZones().size(); i++) {
        ConvPlan.Zone rows = plan.rowZones().get(i);
        int y0 = Math.max(rows.first(), band.firstRow());
        int y1 = Math.min(rows.end(), band.endRow());
        for (int j = 0; j < plan.columnZones().size() && y0 < y1; j++) {
          ConvPlan.Zone columns = plan.columnZones().get(j);
          int x0 = Math.max(columns.first(), band.firstColumn());
          int x1 = Math.min(columns.end(), band.endColumn());
          Epilogue epilogue = plan.epilogue(i, j);
          if (x0 < x1 && epilogue != null) {
            if (rows.isEmpty() || columns.isEmpty()) {
              state.staging.planes(1, 0);
              apply(state, epilogue, image, y0, y1, x0, x1, state.zeros.segment(), 0, 0, 0);
            } else {
              state.staging.planes(parts(), plane);
              int wide = band.columns().out();
              long first = (long) (y0 - band.rows().firstOut()) * wide + x0 - band.columns().firstOut();
              apply(state, epilogue, image, y0, y1, x0, x1, accumulators, at + first * form.resultChannels(),
                  (long) wide * form.resultChannels(), form.resultChannels());
            }
          }
        }
      }
    }

    /** A rectangle of results, by rows or by columns, whichever are longer; at once if it has all columns. */
    private void apply(State state, Epilogue epilogue, int image, int y0, int y1, int x0, int x1,
        MemorySegment accumulators, long at, long rowStride, long pixelStride) {
      int outChannels = spec.weights().outChannels();
      int outWidth = plan.outWidth();
      boolean byColumns = y1 - y0 > x1 - x0;
      boolean atOnce = x1 - x0 == outWidth && rowStride == outWidth * pixelStride;
      int lines = atOnce ? 1 : byColumns ? x1 - x0 : y1 - y0;
      int pixels = atOnce ? (y1 - y0) * outWidth : byColumns ? y1 - y0 : x1 - x0;
      for (int line = 0; line < lines; line++) {
        int y = byColumns && !atOnce ? y0 : y0 + line;
        int x = byColumns && !atOnce ? x0 + line : x0;
        long from = at + (y - y0) * rowStride + (x - x0) * pixelStride;
        long to = dstBase + element(image, y, x);
        if (byColumns && !atOnce) {
          state.staging.accumulators(accumulators, from, rowStride).output(dstView, to,
              (long) outWidth * outChannels);
        } else {
          state.staging.accumulators(accumulators, from, pixelStride).output(dstView, to, outChannels);
        }
        epilogue.apply(state.staging, pixels, 0, outChannels);
      }
    }

    /** Copies results that are what they should be. */
    void copy(ConvPlan.Band band, int image, MemorySegment results, long at) {
      int outChannels = spec.weights().outChannels();
      long bytes = (long) band.columns().out() * outChannels * outputBytes;
      for (int row = 0; row < band.rows().out(); row++) {
        long to = dstBase + element(image, band.rows().firstOut() + row, band.columns().firstOut());
        MemorySegment.copy(results, at * outputBytes + row * bytes, dstView, to * outputBytes, bytes);
      }
    }

    private void clear() {
      plan = null;
      src = null;
      srcView = null;
      keep = MemorySegment.NULL;
      dst = null;
      dstView = null;
      single = null;
      several = null;
    }
  }

  @Override
  public final void run(MemorySegment src, MemorySegment dst, int batch, int height, int width) {
    if (batch == 0) {
      return;
    }
    ShapeCache.Entry<ConvPlan> entry = plans.acquire((long) height << 32 | width);
    Call call = calls.take();
    try {
      if (!call.set(entry.value(), src, dst, batch, height, width)) {
        unfolded().run(src, dst, batch, height, width);
      } else if (call.tiles == 1) {
        call.run(0);
      } else {
        context.workers().run(call.tiles, call);
      }
    } finally {
      call.clear();
      calls.give(call);
      plans.release(entry);
      Reference.reachabilityFence(src);
      Reference.reachabilityFence(dst);
    }
  }

  @Override
  public String name() {
    return "onednn:" + fit.implementation() + (parts() > 1 ? "+parts" + parts() : "");
  }

  @Override
  public long packedBytes() {
    return weights.bytes() + whole.bytes();
  }

  @Override
  public long scratchBytes(long rows) {
    // Sizes come with the run: a band of results, twice that for the source, and the epilogue's arrays.
    return 3 * bandBytes() + Staging.bytes();
  }

  @Override
  public void close() {
    resources.close();
  }
}
