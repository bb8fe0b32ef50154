package dev.octet.onnx.internal.op;

import dev.octet.op.BatchMatMul;
import dev.octet.op.Conv2d;
import dev.octet.op.MatMul;

/**
 * What becomes of the sums of a product or a convolution: a bias is added, and they become 8 bits, or floats.
 *
 * @param sums a bias in units of the sums, one for each out channel; null where there is none
 * @param bias a bias of floats, one for each out channel; null where there is none
 * @param to what they become; null for floats
 * @param least the lowest real number that a result of 8 bits stands for, as far as there are such
 * @param most the highest one
 */
public record Requantized(int[] sums, float[] bias, Quantized to, float least, float most) {
  /** Integers without bounds. */
  static Requantized of(int[] sums, Quantized to) {
    return new Requantized(sums, null, to, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
  }

  /** Floats, with a bias of floats; null where there is none. */
  public static Requantized floats(float[] bias) {
    return new Requantized(null, bias, null, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
  }

  void set(Conv2d.Builder builder) {
    if (sums != null) {
      builder.bias(sums);
    } else if (bias != null) {
      builder.bias(bias);
    }
    if (to == null) {
      builder.outputF32();
    } else {
      builder.output(to.dataType(), to.quantization()).clamp(least, most);
    }
  }

  void set(MatMul.Builder builder) {
    if (sums != null) {
      builder.bias(sums);
    } else if (bias != null) {
      builder.bias(bias);
    }
    if (to == null) {
      builder.outputF32();
    } else {
      builder.output(to.dataType(), to.quantization()).clamp(least, most);
    }
  }

  void set(BatchMatMul.Builder builder) {
    if (to == null) {
      builder.outputF32();
    } else {
      builder.output(to.dataType(), to.quantization()).clamp(least, most);
    }
  }

  /** What a sum of 0 without a bias becomes, as bytes have it. */
  int zero() {
    if (to == null) {
      return 0;
    }
    double lowest = Math.max(to.integer(least), to.dataType().min());
    double highest = Math.min(to.integer(most), to.dataType().max());
    return (int) Math.clamp((double) to.zeroPoint(), lowest, Math.max(lowest, highest));
  }
}
