package dev.octet.op;

import dev.octet.DataType;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;

/**
 * Two-dimensional convolution of float NHWC images, which each run quantizes to 8 bits, with fixed 8-bit
 * weights. Input and output are floats; the sums are integers.
 *
 * <p>
 * The images are quantized to U8 as {@link DynamicQuantize} does, with one scale {@code sx} and zero point
 * for all of them or, with {@link Builder#perImage()}, for each; then
 * {@code y = f32(acc) * f32(sx * sw[o]) + bias[o]} with the accumulators of {@link Conv2d}. That is the
 * result of ONNX DynamicQuantizeLinear, ConvInteger, Cast, Mul and Add, the operators of a dynamically
 * quantized network.
 *
 * <p>
 * Every engine returns the same floats. A NaN or an infinity makes the scale of its range not finite, and the
 * results of all images of that range NaN before a clamp. A run keeps the quantized images, a byte for each
 * element, beside what {@link #scratchBytes} says.
 */
public final class DynamicConv2d extends Convolution {
  private DynamicConv2d(Prepared<Conv2dKernel> prepared, Conv2dSpec spec) {
    super(prepared, spec, DataType.F32);
  }

  /**
   * Convolves dense images.
   *
   * @param x {@code [batch][height][width][channels]} of F32
   * @param y takes {@code [batch][outHeight][outWidth][outChannels]} of F32; shares no byte with x
   * @param batch the number of images, 0 or more
   * @param height rows of an image, 1 or more
   * @param width columns of an image, 1 or more
   * @throws IllegalArgumentException if a size is out of range, the window is larger than a padded image,
   *         sizes overflow, a segment is too small, y is read-only, or x and y overlap
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment x, MemorySegment y, int batch, int height, int width) {
    check(x, y, batch, height, width);
    int ticket = enter();
    try {
      kernel.run(x, y, batch, height, width);
    } finally {
      exit(ticket);
    }
  }

  /**
   * Builder for {@link DynamicConv2d}; made by {@link dev.octet.Octet#dynamicConv2d()}. Not safe for use by
   * multiple threads.
   */
  public static final class Builder extends ConvBuilder<Builder> {
    private boolean perImage;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#dynamicConv2d()}.
     *
     * @param dispatch chooses the engine and the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      super(dispatch);
      output.raw(DataType.F32);
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Quantizes each image of a batch with a scale and zero point of its own, so that the results of an image
     * do not depend on the others. The default is one of all images, as ONNX DynamicQuantizeLinear.
     *
     * @return this
     */
    public Builder perImage() {
      this.perImage = true;
      return this;
    }

    /**
     * Sets a bias, which is added to the result.
     *
     * @param bias finite floats, one per output channel; copied
     * @return this
     * @throws IllegalArgumentException if a number is not finite
     */
    public Builder bias(float[] bias) {
      this.bias.floats(bias);
      return this;
    }

    /**
     * Validates the settings, chooses an engine and a kernel, and packs the weights.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if a required setting is missing or settings do not fit each other
     *         (the message names the operand)
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public DynamicConv2d prepare() {
      Conv2dSpec spec = spec(Operands.activationAtRun("input", DataType.U8), perImage, false);
      return new DynamicConv2d(
          dispatch.prepare("dynamicConv2d", backend -> backend.dynamicConv2d(spec)), spec);
    }
  }
}
