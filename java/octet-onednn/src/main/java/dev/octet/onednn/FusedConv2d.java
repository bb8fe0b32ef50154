package dev.octet.onednn;

import dev.octet.DataType;
import dev.octet.engine.BackendContext;
import dev.octet.engine.Conv2dSpec;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.pack.ConvTaps;
import java.lang.foreign.MemorySegment;

/**
 * Convolution with oneDNN's own epilogue, for those who asked for it by name: a result may differ from the
 * law's by 1 in rare ties. Offered where oneDNN has a fast implementation and weights, minus their zero
 * points, fit its bytes; 8-bit or F32 output.
 */
final class FusedConv2d extends BandedConv2d {
  /** Sources that are copied, or results that are, stay in the L2 cache. */
  private static final long RESULT_BYTES = 256 << 10;

  /** The op's epilogue as oneDNN does it. */
  private record Fused(FusedEpilogue epilogue, boolean grouped) implements ConvCompiler.Extras {
    @Override
    public int result() {
      return epilogue.resultType();
    }

    @Override
    public boolean isBiased() {
      return epilogue.isBiased();
    }

    @Override
    public Handle attributes() {
      // Scales for each output channel: the first dimension of the weights, or with groups the first two.
      return epilogue.attributes(grouped ? 3 : 1);
    }

    @Override
    public Execution.Fixed[] arguments(Group owner) {
      return epilogue.arguments(owner, 0, epilogue.scales().length, 1);
    }
  }

  private final Epilogue outside;

  private FusedConv2d(BackendContext context, Int8Rule rule, Conv2dSpec spec, ConvTaps taps,
      ConvCompiler.Fit fit,
      Fused fused,
      Epilogue whole) {
    super(context, rule, spec, taps, fit, fused, false, whole);
    int[] bias = spec.bias();
    this.outside = whole.withTerms(bias == null ? new int[spec.weights().outChannels()] : bias);
  }

  /**
   * Packs weights.
   *
   * @param taps the weights
   * @param products the form in which products of matrices are exact
   * @param whole the exact epilogue of outputs that see the whole window
   * @return null where oneDNN cannot do it, or not fast, or with scales beyond
   *         {@link FusedEpilogue#isInRange}
   */
  static FusedConv2d prepare(BackendContext context, Int8Rule rule, Conv2dSpec spec, ConvTaps taps,
      Int8Rule.Form products, Epilogue whole) {
    if (spec.output().type() == DataType.S32) {
      return null;
    }
    float[] scales = new float[spec.weights().outChannels()];
    for (int c = 0; c < scales.length; c++) {
      scales[c] = spec.weights().scale(c);
    }
    if (!FusedEpilogue.isInRange(spec.input(), spec.output(), scales)) {
      return null;
    }
    FusedEpilogue epilogue = FusedEpilogue.of(spec.input(), spec.output(), scales, spec.bias(),
        spec.floatBias());
    for (ConvForm form : ConvForm.all(spec)) {
      Fused fused = new Fused(epilogue, form.groups() > 1);
      ConvCompiler.Fit fit = form.isResultPlain() ? ConvCompiler.fit(rule, spec, form, fused) : null;
      if (fit != null) {
        boolean halves = products == Int8Rule.Form.SPLIT;
        ConvCompiler.Fit allowed = halves ? fit.in(products) : fit;
        return taps.parts(allowed.limits().min(), allowed.limits().max()) > 1
            ? null
            : new FusedConv2d(context, rule, spec, taps, allowed, fused, whole);
      }
    }
    return null;
  }

  @Override
  Epilogue epilogue(ConvPlan.Zone rows, ConvPlan.Zone columns) {
    return rows.isEmpty() || columns.isEmpty() ? outside : null;
  }

  @Override
  long pixelBytes() {
    return (long) form.resultChannels() * outputBytes;
  }

  @Override
  long bandBytes() {
    return RESULT_BYTES;
  }

  @Override
  void compute(BandState state, BandedCall call, ConvPlan.Band band, int firstImage, int images) {
    if (band.compiled() != null) {
      long source = call.source(state, band, firstImage, images);
      if (call.isDense(band, images)) {
        call.convolve(band, source, 0, call.resultAddress(band, firstImage), call.keepResults());
      } else {
        long perImage = (long) band.rows().out() * band.columns().out() * form.resultChannels();
        NativeMemory memory = state.results.memory(perImage * images * outputBytes);
        call.convolve(band, source, 0, memory.address(), MemorySegment.NULL);
        for (int image = 0; image < images; image++) {
          call.copy(band, firstImage + image, memory.segment(), image * perImage);
        }
      }
    }
    for (int image = 0; image < images; image++) {
      call.finish(state, band, firstImage + image, MemorySegment.NULL, 0, 0);
    }
  }

  @Override
  public boolean exact() {
    return false;
  }

  @Override
  public String name() {
    return super.name() + "+fused";
  }
}
