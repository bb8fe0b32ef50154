package dev.octet.onednn;

import dev.octet.DataType;
import dev.octet.engine.Conv2dSpec;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.ImageCall;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.pack.Signs;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A running convolution: how it is cut into bands of an image, or of several small ones, how pixels get to
 * oneDNN and results to the caller.
 */
final class BandedCall extends ImageCall {
  /** Images that are convolved at once, where they are small. */
  private static final int MOST_IMAGES = 16;

  private final Conv2dSpec spec;
  private final ConvForm form;
  private final int parts;
  private final boolean signed;
  private final int outputBytes;
  private boolean inPlace;
  private ConvPlan plan;
  private ConvPlan.Partition several;
  private ConvPlan.Partition single;
  private int blocks;
  private int tiles;

  /**
   * For calls of an op.
   *
   * @param spec the op
   * @param form how it is put to oneDNN
   * @param parts of the weights
   */
  BandedCall(Conv2dSpec spec, ConvForm form, int parts) {
    this.spec = spec;
    this.form = form;
    this.parts = parts;
    this.signed = spec.input().type() == DataType.S8;
    this.outputBytes = spec.output().type().bits() / 8;
  }

  /**
   * Cuts the call, whose operands and sizes are set.
   *
   * @param sized for its images
   * @param workers the threads that may share it
   * @param fitting results of a band, in pixels
   * @return false if oneDNN must not run it
   */
  boolean cut(ConvPlan sized, int workers, long fitting) {
    plan = sized;
    inPlace = !src.isHeap() && !signed && form.isSourcePlain();
    return cut(workers, fitting);
  }

  private boolean cut(int workers, long fitting) {
    // A part of a row lies in memory without gaps only if it is the only row; sequences are that, and long.
    boolean byColumns = height == 1;
    int outputs = byColumns ? outWidth : outHeight;
    int across = byColumns ? outHeight : outWidth;
    int bands = Math.ceilDiv(outputs, Math.clamp(fitting / across, 1, outputs));
    int atOnce = bands > 1
        ? 1
        : Math.clamp(fitting / ((long) outHeight * outWidth), 1, Math.min(MOST_IMAGES, batch));
    int threads = Cutting.ONEDNN.tiles(nanos(), workers);
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

  private double nanos() {
    double outputs = (double) batch * outHeight * outWidth * spec.weights().outChannels();
    double perOutput = (double) spec.window().kernelHeight() * spec.window().kernelWidth()
        * spec.weights().inPerGroup();
    return outputs * perOutput / RowKernel.MACS_PER_NANO;
  }

  /** The number of tiles. */
  int tiles() {
    return tiles;
  }

  /** What a tile is handed to. */
  interface Band {
    /** Computes a band of some images. */
    void compute(BandState state, BandedCall call, ConvPlan.Band band, int firstImage, int images);
  }

  /** Finds out what a tile is. */
  void tile(BandState state, int tile, Band work) {
    int inBlocks = blocks * several.bands().size();
    boolean inBlock = tile < inBlocks;
    ConvPlan.Partition partition = inBlock ? several : single;
    int index = inBlock ? tile : tile - inBlocks;
    int bands = partition.bands().size();
    int firstImage = (inBlock ? 0 : blocks * several.images()) + index / bands * partition.images();
    work.compute(state, this, partition.bands().get(index % bands), firstImage, partition.images());
  }

  /**
   * The address of the source of a band, for {@link #convolve}; brings it into oneDNN's form if need be.
   */
  long source(BandState state, ConvPlan.Band band, int firstImage, int images) {
    Span rows = band.rows();
    Span columns = band.columns();
    long pixel = ((long) firstImage * height + rows.firstIn()) * width + columns.firstIn();
    if (inPlace) {
      return src.address + pixel * spec.inChannels();
    }
    int pixels = rows.in() * columns.in();
    NativeMemory to = state.source.memory((long) images * pixels * form.sourceChannels());
    for (int image = 0; image < images; image++) {
      load(state, src.first + (pixel + (long) image * height * width) * spec.inChannels(), to.segment(),
          (long) image * pixels * form.sourceChannels(), pixels);
    }
    return to.address();
  }

  private void load(BandState state, long from, MemorySegment to, long at, int pixels) {
    if (form.isSourcePlain()) {
      MemorySegment.copy(src.segment, from, to, at, (long) pixels * spec.inChannels());
    } else {
      for (int pixel = 0; pixel < pixels; pixel++) {
        MemorySegment.copy(src.segment, ValueLayout.JAVA_BYTE, from + (long) pixel * spec.inChannels(),
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
    compiled.runner().run(source, compiled.weights().part(part).address(), to,
        inPlace ? src.keep : MemorySegment.NULL, keepTo);
  }

  /** The first element of a pixel of the result, counted from the first one of the call. */
  private long element(int image, int row, int column) {
    return (((long) image * outHeight + row) * outWidth + column)
        * spec.weights().outChannels();
  }

  /** Whether the results of a band lie in the caller's memory as oneDNN writes them. */
  boolean isDense(ConvPlan.Band band, int images) {
    boolean allRows = band.rows().out() == outHeight;
    boolean allColumns = band.columns().out() == outWidth;
    boolean together = images == 1 ? allColumns || outHeight == 1 : allRows && allColumns;
    return !dst.isHeap() && together;
  }

  /** Where the results of a band go. */
  long resultAddress(ConvPlan.Band band, int image) {
    return dst.address + element(image, band.rows().firstOut(), band.columns().firstOut()) * outputBytes;
  }

  /** What keeps the caller's results alive. */
  MemorySegment keepResults() {
    return dst.keep;
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
  void finish(BandState state, ConvPlan.Band band, int image, MemorySegment accumulators, long at,
      long plane) {
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
            state.staging.planes(parts, plane);
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
  private void apply(BandState state, Epilogue epilogue, int image, int y0, int y1, int x0, int x1,
      MemorySegment accumulators, long at, long rowStride, long pixelStride) {
    int outChannels = spec.weights().outChannels();
    boolean byColumns = y1 - y0 > x1 - x0;
    boolean atOnce = x1 - x0 == outWidth && rowStride == outWidth * pixelStride;
    int lines = atOnce ? 1 : byColumns ? x1 - x0 : y1 - y0;
    int pixels = atOnce ? (y1 - y0) * outWidth : byColumns ? y1 - y0 : x1 - x0;
    for (int line = 0; line < lines; line++) {
      int y = byColumns && !atOnce ? y0 : y0 + line;
      int x = byColumns && !atOnce ? x0 + line : x0;
      long from = at + (y - y0) * rowStride + (x - x0) * pixelStride;
      long to = dst.first + element(image, y, x);
      if (byColumns && !atOnce) {
        state.staging.accumulators(accumulators, from, rowStride).output(dst.segment, to,
            (long) outWidth * outChannels);
      } else {
        state.staging.accumulators(accumulators, from, pixelStride).output(dst.segment, to, outChannels);
      }
      epilogue.apply(state.staging, pixels, 0, outChannels);
    }
  }

  /** Copies results that are what they should be. */
  void copy(ConvPlan.Band band, int image, MemorySegment results, long at) {
    int outChannels = spec.weights().outChannels();
    long bytes = (long) band.columns().out() * outChannels * outputBytes;
    for (int row = 0; row < band.rows().out(); row++) {
      long to = dst.first + element(image, band.rows().firstOut() + row, band.columns().firstOut());
      MemorySegment.copy(results, at * outputBytes + row * bytes, dst.segment, to * outputBytes, bytes);
    }
  }

  @Override
  protected void clear() {
    super.clear();
    plan = null;
    single = null;
    several = null;
  }
}
