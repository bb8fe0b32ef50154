package dev.octet.onednn;

import dev.octet.DataType;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.OutputSpec;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * What an op asks for behind its accumulators, in oneDNN's terms: scales, bias, zero points, clamp. Sources
 * are unsigned, signed ones with 128 added.
 *
 * @param input the source
 * @param output the result, 8-bit or F32
 * @param scales of the weights, one a channel
 * @param bias in real numbers, one a channel; null: none
 */
record FusedEpilogue(ActivationSpec input, OutputSpec output, float[] scales, float[] bias) {
  /**
   * The smallest and the largest scale, product and quotient of scales with which oneDNN's order of
   * multiplications is as good as the law's: times a sum of up to 2^31 they stay normal numbers of binary32.
   */
  private static final float LEAST = 0x1p-96f;
  private static final float MOST = 0x1p96f;

  /**
   * The epilogue of an op.
   *
   * @param integers bias at scale input * weight, or null
   * @param floats bias in real numbers, or null
   */
  static FusedEpilogue of(ActivationSpec input, OutputSpec output, float[] scales, int[] integers,
      float[] floats) {
    float[] bias = floats;
    if (bias == null && integers != null) {
      bias = new float[integers.length];
      for (int c = 0; c < bias.length; c++) {
        bias[c] = (float) ((double) integers[c] * input.scale() * scales[c]);
      }
    }
    return new FusedEpilogue(input, output, scales, bias);
  }

  /**
   * Whether all scales of an op, and what is made of them, are far enough from the ends of binary32. Where
   * they are not, sums times scales overflow, or lose digits, that the law keeps.
   *
   * @param scales of the weights
   */
  static boolean isInRange(ActivationSpec input, OutputSpec output, float[] scales) {
    boolean good = isNormal(input.scale());
    for (float scale : scales) {
      // A pruned channel is 0 in any order.
      if (scale != 0) {
        good &= isNormal(scale) && isNormal(input.scale() * scale);
        good &= !output.type().isByte() || isNormal(input.scale() * scale / output.scale());
      }
    }
    return good && (!output.type().isByte() || isNormal(output.scale()));
  }

  private static boolean isNormal(float scale) {
    return scale >= LEAST && scale <= MOST;
  }

  /** oneDNN's type of the result. */
  int resultType() {
    return switch (output.type()) {
      case U8 -> Dnnl.U8;
      case S8 -> Dnnl.S8;
      default -> Dnnl.F32;
    };
  }

  boolean isBiased() {
    return bias != null;
  }

  private int sourceZeroPoint() {
    return input.zeroPoint() + (input.type() == DataType.S8 ? 128 : 0);
  }

  private boolean isQuantized() {
    return output.type().isByte();
  }

  /**
   * The attributes; the caller closes them.
   *
   * @param channels the dimensions of the weights that have a scale for each index, one bit each
   */
  Handle attributes(int channels) {
    Handle attributes = Dnnl.attributes();
    try {
      Dnnl.setScales(attributes, Dnnl.ARG_SRC, 0);
      Dnnl.setScales(attributes, Dnnl.ARG_WEIGHTS, channels);
      if (sourceZeroPoint() != 0) {
        Dnnl.setZeroPoint(attributes, Dnnl.ARG_SRC);
      }
      if (isQuantized()) {
        Dnnl.setScales(attributes, Dnnl.ARG_DST, 0);
        if (output.zeroPoint() != 0) {
          Dnnl.setZeroPoint(attributes, Dnnl.ARG_DST);
        }
      }
      setClamp(attributes);
      return attributes;
    } catch (RuntimeException | Error e) {
      attributes.close();
      throw e;
    }
  }

  /** oneDNN clamps real numbers before it divides by the scale of the result. */
  private void setClamp(Handle attributes) {
    float min = output.min();
    float max = output.max();
    if (isQuantized()) {
      min = output.lo() > output.type().min() ? (output.lo() - output.zeroPoint()) * output.scale() : min;
      max = output.hi() < output.type().max() ? (output.hi() - output.zeroPoint()) * output.scale() : max;
    }
    if (min != Float.NEGATIVE_INFINITY || max != Float.POSITIVE_INFINITY) {
      try (Handle postOps = Dnnl.postOps()) {
        Dnnl.appendEltwise(postOps, Dnnl.ELTWISE_CLIP, Math.max(min, -Float.MAX_VALUE),
            Math.min(max, Float.MAX_VALUE));
        Dnnl.setPostOps(attributes, postOps);
      }
    }
  }

  /**
   * Scales, bias and zero points of some channels.
   *
   * @param owner closes what is made
   * @param first the first channel
   * @param channels how many
   * @param biasDimensions 1, or 2 where the bias is a row
   */
  Execution.Fixed[] arguments(Resource.Group owner, int first, int channels, int biasDimensions) {
    List<Execution.Fixed> all = new ArrayList<>();
    all.add(floats(owner, Dnnl.ARG_SCALES | Dnnl.ARG_SRC, 1, new float[]{input.scale()}, 0, 1));
    all.add(floats(owner, Dnnl.ARG_SCALES | Dnnl.ARG_WEIGHTS, 1, scales, first, channels));
    if (isBiased()) {
      all.add(floats(owner, Dnnl.ARG_BIAS, biasDimensions, bias, first, channels));
    }
    if (sourceZeroPoint() != 0) {
      all.add(integer(owner, Dnnl.ARG_ZERO_POINTS | Dnnl.ARG_SRC, sourceZeroPoint()));
    }
    if (isQuantized()) {
      all.add(floats(owner, Dnnl.ARG_SCALES | Dnnl.ARG_DST, 1, new float[]{output.scale()}, 0, 1));
      if (output.zeroPoint() != 0) {
        all.add(integer(owner, Dnnl.ARG_ZERO_POINTS | Dnnl.ARG_DST, output.zeroPoint()));
      }
    }
    return all.toArray(Execution.Fixed[]::new);
  }

  private static Execution.Fixed floats(Resource.Group owner, int argument, int dimensions, float[] values,
      int first, int count) {
    NativeMemory memory = owner.add(NativeMemory.allocate(4L * count));
    MemorySegment.copy(values, first, memory.segment(), ValueLayout.JAVA_FLOAT, 0, count);
    try (Handle desc = dimensions == 1
        ? Dnnl.desc(Dnnl.F32, Dnnl.TAG_A, count)
        : Dnnl.desc(Dnnl.F32, Dnnl.TAG_AB, 1, count)) {
      return new Execution.Fixed(argument, owner.add(Dnnl.memory(desc, memory.address())));
    }
  }

  private static Execution.Fixed integer(Resource.Group owner, int argument, int value) {
    NativeMemory memory = owner.add(NativeMemory.allocate(4));
    memory.segment().set(ValueLayout.JAVA_INT, 0, value);
    try (Handle desc = Dnnl.desc(Dnnl.S32, Dnnl.TAG_A, 1)) {
      return new Execution.Fixed(argument, owner.add(Dnnl.memory(desc, memory.address())));
    }
  }
}
