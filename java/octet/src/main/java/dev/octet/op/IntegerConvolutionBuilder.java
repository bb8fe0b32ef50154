package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.engine.ActivationSpec;
import dev.octet.internal.dispatch.Dispatch;
import org.jspecify.annotations.Nullable;

/**
 * Builder of a convolution of 8-bit input with a fixed scale: the settings of {@link ConvTranspose2d} and
 * {@link Conv3d}.
 *
 * @param <B> the type of the builder
 */
abstract sealed class IntegerConvolutionBuilder<B extends IntegerConvolutionBuilder<B>>
    extends
      ConvolutionBuilder<B>
    permits ConvTranspose2d.Builder, Conv3d.Builder {
  @Nullable
  ActivationSpec input;

  /**
   * Creates a builder.
   *
   * @param dispatch chooses the engine and the kernel
   */
  IntegerConvolutionBuilder(Dispatch dispatch) {
    super(dispatch);
  }

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
}
