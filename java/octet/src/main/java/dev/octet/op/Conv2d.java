package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Two-dimensional convolution of 8-bit NHWC images with fixed 8-bit weights:
 * {@code y[b][oy][ox][o] = requantize(sum over the window and the channels of o's group of (x - zx) * (w -
 * zw[o]) + bias[o])}, accumulated in 32-bit integers. Padding adds nothing to a sum. The arithmetic is that
 * of ONNX QLinearConv (8-bit output) and ConvInteger (S32 output).
 *
 * <p>
 * A depthwise convolution has as many groups as input channels, and weights {@code [m * channels][H][W][1]}
 * for m output channels per input channel; the number of input channels is that of the weights times the
 * groups, which {@link #outputShape} checks. TensorFlow's depthwise kernels {@code [H][W][channels][m]} are
 * HWIO weights {@code [H][W][1][channels * m]}. A one-dimensional convolution has images and weights of
 * height 1.
 *
 * {@snippet :
 * // weights: S8 [32, 3, 3, 16], scales per output channel; images of 16 channels
 * try (Octet octet = Octet.open();
 *     Conv2d conv = octet.conv2d().input(U8, Quantization.perTensor(0.02f, 128)).weights(weights, OHWI)
 *         .padding(1).bias(bias).clamp(0, 6).output(U8, Quantization.perTensor(0.03f)).prepare()) {
 *   Shape y = conv.outputShape(Shape.of(1, 56, 56, 16));                 // [1, 56, 56, 32]
 *   MemorySegment out = arena.allocate(y.elements());                    // times 4 for S32 and F32
 *   conv.run(images, out, 1, 56, 56);
 * }
 * }
 *
 * <p>
 * {@link dev.octet.Octet#quantize} makes bytes of float images, {@link dev.octet.Octet#transposeImages} NHWC
 * of NCHW.
 */
public final class Conv2d extends Convolution {

  private Conv2d(Prepared<Conv2dKernel> prepared, Conv2dSpec spec) {
    super(prepared, spec, spec.input().type());
  }

  /**
   * Convolves dense images.
   *
   * @param x {@code [batch][height][width][channels]} of the input type, one byte per element
   * @param y takes {@code [batch][outHeight][outWidth][outChannels]} of the output type; shares no byte with
   *        x
   * @param batch the number of images, 0 or more
   * @param height rows of an image, 1 or more
   * @param width columns of an image, 1 or more
   * @throws IllegalArgumentException if a size is out of range, the window is larger than a padded image,
   *         sizes overflow, a segment is too small, y is read-only, or x and y overlap
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment x, MemorySegment y, int batch, int height, int width) {
    if (spec.input().atRun()) {
      throw new IllegalStateException("this conv2d was prepared with " + atRun() + ": run needs scales");
    }
    check(x, y, batch, height, width);
    int ticket = enter();
    try {
      kernel.run(x, y, batch, height, width);
    } finally {
      exit(ticket);
    }
  }

  /**
   * Convolves dense images whose scales and zero points come with them. For ops prepared with
   * {@link Builder#inputAtRun} or {@link Builder#inputPerImage}.
   *
   * @param x {@code [batch][height][width][channels]} of the input type, one byte per element
   * @param scales F32 scales, one, or with inputPerImage one per image; positive and finite (not checked)
   * @param zeroPoints S32 zero points, as many as scales, within the range of the input type (not checked);
   *        null if all are 0
   * @param y takes {@code [batch][outHeight][outWidth][outChannels]} of the output type; shares no byte with
   *        the others
   * @param batch the number of images, 0 or more
   * @param height rows of an image, 1 or more
   * @param width columns of an image, 1 or more
   * @throws IllegalArgumentException if a size is out of range, the window is larger than a padded image,
   *         sizes overflow, a segment is too small, y is read-only, or y overlaps another segment
   * @throws IllegalStateException if this op is closed, or was prepared with a fixed scale
   */
  @SuppressWarnings("exports") // of an annotation, see module-info
  public void run(MemorySegment x, MemorySegment scales, @Nullable MemorySegment zeroPoints, MemorySegment y,
      int batch, int height, int width) {
    if (!spec.input().atRun()) {
      throw new IllegalStateException(
          "this conv2d has a fixed input scale: scales need inputAtRun or inputPerImage");
    }
    long yBytes = check(x, y, batch, height, width);
    long bytes = 4L * spec.scaleCount(batch);
    Checks.readable("scales", scales, bytes);
    Checks.disjoint("scales", scales, bytes, "y", y, yBytes);
    if (zeroPoints != null) {
      Checks.readable("zeroPoints", zeroPoints, bytes);
      Checks.disjoint("zeroPoints", zeroPoints, bytes, "y", y, yBytes);
    }
    int ticket = enter();
    try {
      kernel.run(x, scales, zeroPoints, y, batch, height, width);
    } finally {
      exit(ticket);
    }
  }

  private String atRun() {
    return spec.perImage() ? "inputPerImage" : "inputAtRun";
  }

  /**
   * Builder for {@link Conv2d}; made by {@link dev.octet.Octet#conv2d()}. Not safe for use by multiple
   * threads.
   */
  public static final class Builder extends ConvBuilder<Builder> {
    private @Nullable ActivationSpec input;
    private boolean perImage;
    private boolean inexactEpilogue;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#conv2d()}.
     *
     * @param dispatch chooses the engine and the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      super(dispatch);
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets the type, scale and zero point of the input images.
     *
     * @param type U8 or S8
     * @param quantization scale and zero point, per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits, or the quantization is not per tensor,
     *         has scale 0 or a zero point outside the range of the type
     */
    public Builder input(DataType type, Quantization quantization) {
      this.input = Operands.activation("input", type, quantization);
      this.perImage = false;
      return this;
    }

    /**
     * Sets the type of the input images, whose scale and zero point, one for all images, are passed to each
     * run. Not offered by engine ONEDNN.
     *
     * @param type U8 or S8
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits
     */
    public Builder inputAtRun(DataType type) {
      this.input = Operands.activationAtRun("input", type);
      this.perImage = false;
      return this;
    }

    /**
     * Sets the type of the input images, whose scales and zero points, one per image of the batch, are passed
     * to each run. Not offered by engine ONEDNN.
     *
     * @param type U8 or S8
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits
     */
    public Builder inputPerImage(DataType type) {
      this.input = Operands.activationAtRun("input", type);
      this.perImage = true;
      return this;
    }

    /**
     * Sets an integer bias, which is added to the accumulators. Its scale is
     * {@code input scale * weight scale}. Replaces a float bias.
     *
     * @param bias integers, one per output channel; copied
     * @return this
     */
    public Builder bias(int[] bias) {
      this.bias.integers(bias);
      return this;
    }

    /**
     * Sets a bias in real numbers. With F32 output it is added after scaling. With 8-bit or S32 output
     * {@link #prepare()} rounds it to integers of scale {@code input scale * weight scale}; this needs a
     * fixed input scale, and a bias of 0 for channels of weight scale 0. Replaces an integer bias.
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
     * Sets 8-bit output. Replaces any other output.
     *
     * @param type U8 or S8
     * @param quantization scale and zero point, per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits, or the quantization is not per tensor,
     *         has scale 0 or a zero point outside the range of the type
     */
    public Builder output(DataType type, Quantization quantization) {
      output.quantized(type, quantization);
      return this;
    }

    /**
     * Sets F32 output: {@code f32(acc) * f32(sx * sw)}, plus the float bias. Replaces any other output.
     *
     * @return this
     */
    public Builder outputF32() {
      output.raw(DataType.F32);
      return this;
    }

    /**
     * Sets S32 output: the accumulators themselves. Replaces any other output.
     *
     * @return this
     */
    public Builder outputS32() {
      output.raw(DataType.S32);
      return this;
    }

    /**
     * Allows an engine to use a rounding of its own. 8-bit results may differ from the numerics law by 1, in
     * rare ties; F32 results by 2^-20 of their magnitude where bias and product do not cancel out. Where a
     * scale, a product of scales or its quotient by the output's is below 2^-96 or above 2^96 the exact form
     * runs. {@link Op#exact()} returns whether the op rounds by the law.
     *
     * @return this
     */
    public Builder allowInexactEpilogue() {
      this.inexactEpilogue = true;
      return this;
    }

    /**
     * Validates the settings, chooses an engine and a kernel, and packs the weights.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if a required setting is missing or settings do not fit each other
     *         (the message names the operand), or a combination of scales is not a normal number in binary32
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public Conv2d prepare() {
      if (input == null) {
        throw new IllegalArgumentException(
            "input: not given; call input(...), inputAtRun(...) or inputPerImage(...)");
      }
      Conv2dSpec spec = spec(input, perImage, inexactEpilogue);
      return new Conv2d(dispatch.prepare("conv2d", backend -> backend.conv2d(spec)), spec);
    }
  }
}
