package dev.octet.onednn;

import dev.octet.DataType;
import dev.octet.engine.BackendContext;
import dev.octet.engine.Conv2dSpec;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.pack.ConvTaps;
import java.lang.foreign.MemorySegment;

/**
 * Convolution by oneDNN that stops at the accumulator, and our epilogue: exact. Zero points of the weights
 * are in the weights, in several parts where they do not fit bytes any more; the zero point of the images is
 * made up for by what each output sees of them, so that oneDNN's padding with 0 does.
 *
 * <p>
 * Some of oneDNN's convolutions convert the accumulator to a float and back before they store it as an
 * integer, see {@link ExactSums}. Those run only where no source can bring a sum above what floats hold.
 */
final class DirectConv2d extends BandedConv2d {
  /** Largest integer up to which floats hold all of them. */
  private static final long EXACT = 1 << 24;
  /** Of the L2 cache (512 KB to 2 MB). */
  private static final long ACCUMULATOR_BYTES = 256 << 10;

  /** Nothing beside the convolution. */
  private static final ConvCompiler.Extras EXTRAS = new ConvCompiler.Extras() {
    @Override
    public int result() {
      return Dnnl.S32;
    }

    @Override
    public boolean isBiased() {
      return false;
    }

    @Override
    public Handle attributes() {
      return Dnnl.attributes();
    }

    @Override
    public Execution.Fixed[] arguments(Group owner) {
      return new Execution.Fixed[0];
    }
  };

  private final int zeroPoint;
  private final ConvTaps.Windows windows;
  private final Epilogue whole;

  private DirectConv2d(BackendContext context, Int8Rule rule, Conv2dSpec spec, ConvTaps taps,
      ConvCompiler.Fit fit,
      ConvTaps.Windows windows, Epilogue whole) {
    super(context, rule, spec, taps, fit, EXTRAS, zeroPoint(spec) != 0, whole);
    this.zeroPoint = zeroPoint(spec);
    this.windows = windows;
    this.whole = whole;
  }

  /** The zero point of the images as they are multiplied. */
  static int zeroPoint(Conv2dSpec spec) {
    return spec.input().zeroPoint() + (spec.input().type() == DataType.S8 ? 128 : 0);
  }

  /**
   * Packs weights.
   *
   * @param taps the weights
   * @param products the form in which products of matrices are exact
   * @param whole the epilogue of outputs that see the whole window
   * @return null where oneDNN's convolution is not exact, or not fast
   */
  static DirectConv2d prepare(BackendContext context, Int8Rule rule, Conv2dSpec spec, ConvTaps taps,
      Int8Rule.Form products, ConvTaps.Windows windows, Epilogue whole) {
    ConvCompiler.Fit found = null;
    for (ConvForm form : ConvForm.all(spec)) {
      found = ConvCompiler.fit(rule, spec, form, EXTRAS);
      if (found != null) {
        break;
      }
    }
    if (found == null) {
      return null;
    }
    // Sizes that oneDNN's convolution must not run go to products, with the same weights.
    boolean halves = products == Int8Rule.Form.SPLIT;
    ConvCompiler.Fit fit = halves ? found.in(products) : found;
    int min = fit.limits().min();
    int max = fit.limits().max();
    ConvCompiler.Fit bounded = fit.bounded(taps.bound(taps.parts(min, max), min, max) <= EXACT);
    return bounded.keepsSums(found.implementation())
        ? new DirectConv2d(context, rule, spec, taps, bounded, windows, whole)
        : null;
  }

  @Override
  Epilogue epilogue(ConvPlan.Zone rows, ConvPlan.Zone columns) {
    return zeroPoint == 0
        ? whole
        : whole.withTerms(windows.terms(zeroPoint, spec.bias(), rows.run(), columns.run()));
  }

  @Override
  long pixelBytes() {
    return 4L * form.resultChannels() * parts();
  }

  @Override
  long bandBytes() {
    return ACCUMULATOR_BYTES;
  }

  @Override
  void compute(BandState state, BandedCall call, ConvPlan.Band band, int firstImage, int images) {
    MemorySegment accumulators = MemorySegment.NULL;
    long perImage = 0;
    if (band.compiled() != null) {
      perImage = (long) band.rows().out() * band.columns().out() * form.resultChannels();
      NativeMemory memory = state.results.memory(4 * perImage * images * parts());
      accumulators = memory.segment();
      long source = call.source(state, band, firstImage, images);
      for (int part = 0; part < parts(); part++) {
        call.convolve(band, source, part, memory.address() + 4 * perImage * images * part,
            MemorySegment.NULL);
      }
    }
    for (int image = 0; image < images; image++) {
      call.finish(state, band, firstImage + image, accumulators, image * perImage, perImage * images);
    }
  }

  @Override
  public String name() {
    return super.name() + Names.epilogue(spec.output().type());
  }

  @Override
  public long packedBytes() {
    return super.packedBytes() + windows.bytes();
  }
}
