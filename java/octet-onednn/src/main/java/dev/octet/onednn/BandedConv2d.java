package dev.octet.onednn;

import dev.octet.engine.BackendContext;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.epilogue.Staging;
import dev.octet.internal.pack.ConvTaps;
import java.lang.foreign.MemorySegment;

/**
 * Convolution by oneDNN's own convolution, band by band: where its results go is a subclass's affair. Source
 * pixels are unsigned; where they are that already, in native memory and with the channels that oneDNN is to
 * see, they are read where they are. Outputs that see padding alone are not convolved: oneDNN leaves its fast
 * implementations where windows lie beside the image.
 */
abstract class BandedConv2d extends TiledKernel<BandedCall, BandState> implements Conv2dKernel {
  static final String OP = "conv2d";

  final Conv2dSpec spec;
  final ConvForm form;
  final int outputBytes;
  private final BackendContext context;
  private final Epilogue whole;
  private final ConvCompiler compiler;
  private final BandedCall.Band band = this::compute;
  private UnfoldedConv2d unfolded;

  /**
   * Packs weights.
   *
   * @param context threads
   * @param rule which implementations may run
   * @param spec the op
   * @param taps its weights
   * @param fit how they are put to oneDNN
   * @param extras what else oneDNN does
   * @param told whether outputs are told apart by what taps they see
   * @param whole the epilogue of outputs that see the whole window
   */
  BandedConv2d(BackendContext context, Int8Rule rule, Conv2dSpec spec, ConvTaps taps, ConvCompiler.Fit fit,
      ConvCompiler.Extras extras, boolean told, Epilogue whole) {
    super(context.workers());
    this.spec = spec;
    this.context = context;
    this.form = fit.form();
    this.whole = whole;
    this.outputBytes = spec.output().type().bits() / 8;
    this.compiler = new ConvCompiler(rule, spec.window(), taps, fit, extras, told, this::epilogue);
  }

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
  abstract void compute(BandState state, BandedCall call, ConvPlan.Band band, int firstImage, int images);

  /** How many parts the weights have. */
  final int parts() {
    return compiler.parts();
  }

  @Override
  protected BandedCall newCall() {
    return new BandedCall(spec, form, parts());
  }

  @Override
  protected BandState newState() {
    return new BandState(context.isa(), form, spec.inChannels());
  }

  @Override
  protected final void tile(BandedCall call, BandState state, int number) {
    call.tile(state, number, band);
  }

  @Override
  public final void run(MemorySegment src, MemorySegment dst, int batch, int height, int width) {
    if (batch == 0) {
      return;
    }
    ShapeCache.Entry<ConvPlan> entry = compiler.acquire(height, width);
    try {
      ConvPlan plan = entry.value();
      BandedCall call = begin();
      try {
        call.set(src, 1, dst, outputBytes);
        call.size(batch, height, width, plan.outHeight(), plan.outWidth());
        if (call.cut(plan, threads(), bandBytes() / pixelBytes())) {
          run(call, call.tiles());
          return;
        }
      } finally {
        end(call);
      }
    } finally {
      compiler.release(entry);
    }
    unfolded().run(src, dst, batch, height, width);
  }

  /** For sizes that oneDNN must not run. */
  final synchronized UnfoldedConv2d unfolded() {
    if (unfolded == null) {
      unfolded = compiler.unfolded(context, spec, whole);
    }
    return unfolded;
  }

  @Override
  public String name() {
    return "onednn:" + compiler.implementation() + (parts() > 1 ? "+parts" + parts() : "");
  }

  @Override
  public long packedBytes() {
    return compiler.bytes() + whole.bytes();
  }

  @Override
  public long scratchBytes(long rows) {
    // Sizes come with the run: a band of results, twice that for the source, and the epilogue's arrays.
    return 3 * bandBytes() + Staging.bytes();
  }

  @Override
  public void close() {
    super.close();
    if (unfolded != null) {
      unfolded.close();
    }
    compiler.close();
  }
}
