package dev.octet.op;

import dev.octet.DataType;
import dev.octet.ImageLayout;
import dev.octet.Shape;
import dev.octet.engine.TransposeKernel;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Transposition of 8-bit images from one order of dimensions to the other: between the planes of PyTorch and
 * ONNX, {@link ImageLayout#NCHW}, and the pixels that all other ops take, {@link ImageLayout#NHWC}. Integers
 * stay what they are; scale and zero point are those of the input.
 */
public final class TransposeImages extends Op {
  private final TransposeKernel kernel;
  private final ImageLayout to;

  private TransposeImages(Prepared<TransposeKernel> prepared, ImageLayout to) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.to = to;
  }

  /**
   * Transposes dense images.
   *
   * @param x the images in the other layout, one byte per element
   * @param y takes the images in the layout of the builder, one byte per element; shares no byte with x
   * @param batch the number of images, 0 or more
   * @param height rows of an image, 1 or more
   * @param width columns of an image, 1 or more
   * @param channels the number of channels, 0 or more
   * @throws IllegalArgumentException if a size is out of range, a segment is too small, y is read-only, or x
   *         and y overlap
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment x, MemorySegment y, int batch, int height, int width, int channels) {
    Checks.notNegative("batch", batch);
    Checks.positive("height", height);
    Checks.positive("width", width);
    Checks.notNegative("channels", channels);
    long bytes = Images.bytes("x", batch, height, width, channels, 1);
    Checks.readable("x", x, bytes);
    Checks.writable("y", y, bytes);
    Checks.disjoint("x", x, bytes, "y", y, bytes);
    long pixels = (long) height * width;
    int ticket = enter();
    try {
      if (to == ImageLayout.NHWC) {
        kernel.run(x, y, batch, channels, pixels);
      } else {
        kernel.run(x, y, batch, pixels, channels);
      }
    } finally {
      exit(ticket);
    }
  }

  /**
   * Returns the shape of the output for images of a shape.
   *
   * @param input four dimensions in the order of the input
   * @return the same in the order of the output
   * @throws IllegalArgumentException if the rank is not 4
   */
  public Shape outputShape(Shape input) {
    if (Objects.requireNonNull(input, "input").rank() != 4) {
      throw new IllegalArgumentException("input: expected four dimensions, got " + input);
    }
    return to == ImageLayout.NHWC
        ? Shape.of(input.dim(0), input.dim(2), input.dim(3), input.dim(1))
        : Shape.of(input.dim(0), input.dim(3), input.dim(1), input.dim(2));
  }

  /**
   * Builder for {@link TransposeImages}; made by {@link dev.octet.Octet#transposeImages()}. Not safe for use
   * by multiple threads.
   */
  public static final class Builder {
    private final Dispatch dispatch;
    private @Nullable DataType type;
    private @Nullable ImageLayout to;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#transposeImages()}.
     *
     * @param dispatch chooses the engine and the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    /**
     * Sets the type of the input and output images.
     *
     * @param type U8 or S8
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits
     */
    public Builder input(DataType type) {
      Operands.requireByte("input", type);
      this.type = type;
      return this;
    }

    /**
     * Sets the order of dimensions of the output; the input has the other one.
     *
     * @param layout NHWC from NCHW, NCHW from NHWC
     * @return this
     */
    public Builder to(ImageLayout layout) {
      this.to = Objects.requireNonNull(layout, "layout");
      return this;
    }

    /**
     * Validates the settings and chooses an engine and a kernel.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if a required setting is missing
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public TransposeImages prepare() {
      Operands.given("input", type);
      ImageLayout layout = Operands.given("to", to);
      return new TransposeImages(dispatch.prepare("transposeImages", backend -> backend.transpose()), layout);
    }
  }
}
