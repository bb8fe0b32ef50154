package dev.octet.internal.vector.images;

import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.Numbers;
import dev.octet.engine.OutputSpec;
import dev.octet.internal.vector.common.Elements;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.common.Repeated;
import dev.octet.internal.vector.loops.ElementLoops;
import dev.octet.internal.vector.loops.Span;
import dev.octet.internal.vector.loops.Target;
import java.lang.foreign.MemorySegment;

/**
 * From the accumulators of a convolution to 8-bit results with the Vector API, where all channels of a pixel
 * lie behind each other on both sides and nothing is left to compensate: one loop from array to native
 * memory, twice as fast as the passes of {@link dev.octet.internal.epilogue.Epilogue}, which does all else.
 */
final class FlatEpilogue {
  /**
   * Entries of the tables are a multiple of the lanes of any vector, so that only the last one is not whole.
   */
  private static final int LANES = 16;

  /** Of channels whose tables are not too large. */
  private static final int MOST = 1 << 16;

  private final float[] multipliers;
  private final int[] terms;
  private final Target target;

  private FlatEpilogue(Conv2dSpec spec) {
    OutputSpec output = spec.output();
    int channels = spec.weights().outChannels();
    int whole = channels;
    while (whole % LANES != 0) {
      whole *= 2;
    }
    int period = Repeated.length(whole);
    this.multipliers = new float[period];
    this.terms = new int[period];
    for (int i = 0; i < period; i++) {
      multipliers[i] = Numbers.multiplier(spec.input(), spec.weights().scale(i % channels), output);
      terms[i] = spec.bias() == null ? 0 : spec.bias()[i % channels];
    }
    this.target = new Target(output.zeroPoint(), output.lo(), output.hi());
  }

  /** Null where the convolution or the JVM is not made for it. */
  static FlatEpilogue of(ConvForm form, int[] weightZeroPoints) {
    boolean suits = Form.isSimd() && !form.atRun && form.spec.output().type().isByte()
        && weightZeroPoints == null
        && form.outChannels <= MOST;
    return suits ? new FlatEpilogue(form.spec) : null;
  }

  long bytes() {
    return 8L * terms.length;
  }

  /**
   * Writes results.
   *
   * @param loops those of the running tile
   * @param span the tile's own
   * @param sums accumulators, from 0 on
   * @param dst native
   * @param at the first byte
   * @param count of whole pixels
   */
  void apply(Elements loops, Span span, int[] sums, MemorySegment dst, long at, int count) {
    span.dst = dst;
    int entry = 0;
    for (int done = 0; done < count; done += span.count) {
      span.dstAt = at + done;
      span.count = Math.min(ElementLoops.TABLE, Math.min(count - done, terms.length - entry));
      loops.now().requantize(sums, done, span, multipliers, terms, entry, target);
      entry = (entry + span.count) % terms.length;
    }
    span.clear();
  }
}
