package dev.octet.op;

import dev.octet.DataType;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.Numbers;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Bias of the builders of products and convolution. */
final class BiasBuilder {
  /** Scales of the weights, one per channel. */
  @FunctionalInterface
  interface ChannelScale {
    float of(int channel);
  }

  private int @Nullable [] integers;
  private float @Nullable [] floats;

  void integers(int[] bias) {
    Objects.requireNonNull(bias, "bias");
    this.integers = bias.clone();
    this.floats = null;
  }

  void floats(float[] bias) {
    Objects.requireNonNull(bias, "bias");
    for (int i = 0; i < bias.length; i++) {
      if (!Float.isFinite(bias[i])) {
        throw new IllegalArgumentException("bias[" + i + "]: expected a finite number, got " + bias[i]);
      }
    }
    this.floats = bias.clone();
    this.integers = null;
  }

  /** Returns whether the bias is one of real numbers. */
  boolean isReal() {
    return floats != null;
  }

  /** Returns the integers that are added to the accumulators, or null. */
  int @Nullable [] integersFor(int channels, ActivationSpec input, ChannelScale weightScale,
      OutputBuilder output) {
    if (integers != null) {
      length(integers.length, channels);
      return integers;
    }
    if (floats == null || output.type() == DataType.F32) {
      return null;
    }
    length(floats.length, channels);
    if (input.atRun()) {
      throw new IllegalArgumentException(
          "bias: a float bias with " + output.type()
              + " output needs a fixed input scale, not one that comes with the run");
    }
    int[] result = new int[channels];
    for (int c = 0; c < channels; c++) {
      result[c] = integer(c, input.scale(), weightScale.of(c));
    }
    return result;
  }

  private int integer(int c, float inputScale, float weightScale) {
    if (weightScale != 0) {
      return Numbers.bias(floats[c], inputScale, weightScale);
    }
    if (floats[c] != 0) {
      throw new IllegalArgumentException("bias[" + c + "]: expected 0, got " + floats[c]
          + ": the weight scale of this channel is 0, and no integer times 0 is the bias; give the channel"
          + " weights equal to their zero point and another scale, or take F32 output");
    }
    return 0;
  }

  /** Returns the floats that are added to an F32 result, or null. */
  float @Nullable [] floatsFor(int channels, OutputBuilder output) {
    if (floats == null || output.type() != DataType.F32) {
      return null;
    }
    length(floats.length, channels);
    return floats;
  }

  private static void length(int length, int channels) {
    if (length != channels) {
      throw new IllegalArgumentException(
          "bias: expected " + channels + " (one an output channel), got " + length);
    }
  }
}
