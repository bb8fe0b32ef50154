package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.engine.ActivationSpec;
import dev.octet.internal.dispatch.Checks;
import org.jspecify.annotations.Nullable;

/**
 * Builder of a convolution: input, bias, groups and output of {@link ConvTranspose2d} and {@link Conv3d}.
 *
 * @param <B> the type of the builder
 */
abstract sealed class ConvolutionBuilder<B extends ConvolutionBuilder<B>> permits ConvTranspose2d.Builder,
    Conv3d.Builder {
  final OutputBuilder output = new OutputBuilder();
  final BiasBuilder bias = new BiasBuilder();
  @Nullable
  ActivationSpec input;
  int groups = 1;

  ConvolutionBuilder() {}

  abstract B self();

  /**
   * Sets the type, scale and zero point of the input.
   *
   * @param type U8 or S8
   * @param quantization scale and zero point, per tensor
   * @return this
   * @throws IllegalArgumentException if the type is not of 8 bits, or the quantization is not per tensor, has
   *         scale 0 or a zero point outside the range of the type
   */
  public B input(DataType type, Quantization quantization) {
    this.input = Operands.activation("input", type, quantization);
    return self();
  }

  /**
   * Sets an integer bias, which is added to the accumulators. Its scale is
   * {@code input scale * weight scale}. Replaces a float bias.
   *
   * @param bias integers, one per output channel; copied
   * @return this
   */
  public B bias(int[] bias) {
    this.bias.integers(bias);
    return self();
  }

  /**
   * Sets a bias in real numbers. With F32 output it is added after scaling. With 8-bit or S32 output
   * {@code prepare()} rounds it to integers of scale {@code input scale * weight scale}; this needs a bias of
   * 0 for channels of weight scale 0. Replaces an integer bias.
   *
   * @param bias finite floats, one per output channel; copied
   * @return this
   * @throws IllegalArgumentException if a number is not finite
   */
  public B bias(float[] bias) {
    this.bias.floats(bias);
    return self();
  }

  /**
   * Sets the number of groups. Input and output channels are divided into groups, and each output channel
   * sums over the input channels of its own group. The default is 1.
   *
   * @param groups 1 or more
   * @return this
   * @throws IllegalArgumentException if it is less than 1
   */
  public B groups(int groups) {
    this.groups = Checks.positive("groups", groups);
    return self();
  }

  /**
   * Sets 8-bit output. Replaces any other output.
   *
   * @param type U8 or S8
   * @param quantization scale and zero point, per tensor
   * @return this
   * @throws IllegalArgumentException if the type is not of 8 bits, or the quantization is not per tensor, has
   *         scale 0 or a zero point outside the range of the type
   */
  public B output(DataType type, Quantization quantization) {
    output.quantized(type, quantization);
    return self();
  }

  /**
   * Sets F32 output: {@code f32(acc) * f32(sx * sw)}, plus the float bias. Replaces any other output.
   *
   * @return this
   */
  public B outputF32() {
    output.raw(DataType.F32);
    return self();
  }

  /**
   * Sets S32 output: the accumulators themselves. Replaces any other output.
   *
   * @return this
   */
  public B outputS32() {
    output.raw(DataType.S32);
    return self();
  }

  /**
   * Clamps the result to 0 and above. Replaces any other clamp.
   *
   * @return this
   */
  public B relu() {
    return clamp(0, Float.POSITIVE_INFINITY);
  }

  /**
   * Clamps the result to 0 to 6. Replaces any other clamp.
   *
   * @return this
   */
  public B relu6() {
    return clamp(0, 6);
  }

  /**
   * Clamps the result to a range. Replaces any other clamp. Not offered with S32 output.
   *
   * @param min the smallest result as a real number; may be -Infinity
   * @param max the largest result as a real number; may be Infinity
   * @return this
   * @throws IllegalArgumentException if min is greater than max, or one of them is NaN
   */
  public B clamp(float min, float max) {
    output.clamp(min, max);
    return self();
  }
}
