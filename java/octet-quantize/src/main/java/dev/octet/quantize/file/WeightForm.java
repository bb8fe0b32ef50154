package dev.octet.quantize.file;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.Quantizer;
import dev.octet.Shape;
import java.util.Objects;

/**
 * Describes how a weight is to be quantized, before its numbers are known: from this and the shape follow the
 * sizes of everything that is written.
 *
 * @param type S8, U8, S4 or U4
 * @param symmetric whether all zero points are 0; with S8 and S4 only
 * @param granularity how many scales
 * @param axis of the channels or groups; -1 per tensor
 * @param groupSize how many consecutive indices share a scale; 0 unless per group
 */
public record WeightForm(DataType type, boolean symmetric, Granularity granularity, int axis, int groupSize) {
  /** Checks what a quantizer would refuse only with the numbers at hand. */
  public WeightForm {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(granularity, "granularity");
    if (!type.isQuantized()) {
      throw new IllegalArgumentException("type: expected S8, U8, S4 or U4, got " + type);
    }
    if (symmetric && !type.isSigned()) {
      throw new IllegalArgumentException("type: expected S8 or S4 for symmetric weights, got " + type);
    }
    if (granularity == Granularity.PER_TENSOR ? axis != -1 : axis < 0) {
      throw new IllegalArgumentException("axis: got " + axis + " for " + granularity);
    }
    if (granularity == Granularity.PER_GROUP ? groupSize < 1 : groupSize != 0) {
      throw new IllegalArgumentException("groupSize: got " + groupSize + " for " + granularity);
    }
  }

  /**
   * Returns a quantizer of this form.
   *
   * @return a quantizer
   */
  public Quantizer quantizer() {
    Quantizer quantizer = symmetric ? Quantizer.symmetric(type) : Quantizer.asymmetric(type);
    return switch (granularity) {
      case PER_TENSOR -> quantizer.perTensor();
      case PER_CHANNEL -> quantizer.perChannel(axis);
      case PER_GROUP -> quantizer.perGroup(groupSize).alongAxis(axis);
    };
  }

  /**
   * Parameters of this granularity.
   *
   * @param scales in the order of {@link Quantization}
   * @param zeroPoints one for each
   * @return both
   */
  Quantization quantization(float[] scales, int[] zeroPoints) {
    return switch (granularity) {
      case PER_TENSOR -> Quantization.perTensor(scales[0], zeroPoints[0]);
      case PER_CHANNEL -> Quantization.perChannel(axis, scales, zeroPoints);
      case PER_GROUP -> Quantization.perGroup(axis, groupSize, scales, zeroPoints);
    };
  }

  /**
   * How many indices on axis 0 have scales of their own, so that a tensor can be quantized a slab at a time.
   *
   * @param shape of the tensor
   * @return the least number of indices; 0 where the whole tensor is needed
   */
  long slab(Shape shape) {
    if (shape.rank() == 0 || granularity == Granularity.PER_TENSOR) {
      return 0;
    }
    if (granularity == Granularity.PER_CHANNEL) {
      return axis == 0 ? 1 : 0;
    }
    return axis == 0 ? groupSize : 1;
  }
}
