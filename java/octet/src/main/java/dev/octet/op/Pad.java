package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Shape;
import dev.octet.engine.PadKernel;
import dev.octet.engine.PadSpec;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Padding of 8-bit NHWC images: a border of one value, as ONNX Pad in mode constant. Integers stay what they
 * are; scale and zero point are those of the input. A border of its zero point stands for the real number 0.
 */
public final class Pad extends Op {
  private final PadKernel kernel;
  private final PadSpec spec;

  private Pad(Prepared<PadKernel> prepared, PadSpec spec) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.spec = spec;
  }

  /**
   * Pads dense images.
   *
   * @param x {@code [batch][height][width][channels]} of the input type, one byte per element
   * @param y takes {@code [batch][top + height + bottom][left + width + right][channels]}, one byte per
   *        element; shares no byte with x
   * @param batch the number of images, 0 or more
   * @param height rows of an input image, 1 or more
   * @param width columns of an input image, 1 or more
   * @param channels the number of channels, 0 or more
   * @throws IllegalArgumentException if a size is out of range, a segment is too small, y is read-only, or x
   *         and y overlap
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment x, MemorySegment y, int batch, int height, int width, int channels) {
    Checks.notNegative("batch", batch);
    Checks.notNegative("channels", channels);
    int outHeight = padded("height", height, spec.top(), spec.bottom());
    int outWidth = padded("width", width, spec.left(), spec.right());
    Images.operands(x, y, batch, height, width, outHeight, outWidth, channels);
    int ticket = enter();
    try {
      kernel.run(x, y, batch, height, width, channels);
    } finally {
      exit(ticket);
    }
  }

  /**
   * Returns the shape of the output for images of a shape.
   *
   * @param input {@code [batch, height, width, channels]}
   * @return {@code [batch, top + height + bottom, left + width + right, channels]}
   * @throws IllegalArgumentException if the rank is not 4, or height or width is 0 or too large
   */
  public Shape outputShape(Shape input) {
    Images.requireImages(input);
    return Shape.of(input.dim(0), padded("height", input.intDim(1), spec.top(), spec.bottom()),
        padded("width", input.intDim(2), spec.left(), spec.right()), input.dim(3));
  }

  private static int padded(String side, int size, int before, int after) {
    long out = (long) Checks.positive(side, size) + before + after;
    if (out > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(side + ": the output's, " + out + ", exceeds 2^31 - 1");
    }
    return (int) out;
  }

  /**
   * Builder for {@link Pad}; made by {@link dev.octet.Octet#pad()}. Not safe for use by multiple threads.
   */
  public static final class Builder {
    private final Dispatch dispatch;
    private @Nullable DataType type;
    private @Nullable Integer value;
    private int top;
    private int left;
    private int bottom;
    private int right;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#pad()}.
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
     * Sets the size of the border. The default is 0.
     *
     * @param top rows above, 0 or more
     * @param left columns on the left, 0 or more
     * @param bottom rows below, 0 or more
     * @param right columns on the right, 0 or more
     * @return this
     * @throws IllegalArgumentException if one is negative
     */
    public Builder padding(int top, int left, int bottom, int right) {
      this.top = Checks.notNegative("padding top", top);
      this.left = Checks.notNegative("padding left", left);
      this.bottom = Checks.notNegative("padding bottom", bottom);
      this.right = Checks.notNegative("padding right", right);
      return this;
    }

    /**
     * Sets the integer of the border.
     *
     * @param value within the range of the type; the zero point of the images for the real number 0
     * @return this
     */
    public Builder value(int value) {
      this.value = value;
      return this;
    }

    /**
     * Validates the settings and chooses an engine and a kernel.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if a required setting is missing, or the value is outside the range of
     *         the type
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public Pad prepare() {
      DataType given = Operands.given("input", type);
      int border = Operands.given("value", value);
      if (border < given.min() || border > given.max()) {
        throw new IllegalArgumentException("value: expected " + given.min() + " to " + given.max()
            + ", the range of " + given + ", got " + border);
      }
      PadSpec spec = new PadSpec(given, top, left, bottom, right, border);
      return new Pad(dispatch.prepare("pad", backend -> backend.pad(spec)), spec);
    }
  }
}
