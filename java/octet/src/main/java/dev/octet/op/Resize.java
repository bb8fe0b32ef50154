package dev.octet.op;

import dev.octet.CoordinateMode;
import dev.octet.DataType;
import dev.octet.NearestMode;
import dev.octet.Shape;
import dev.octet.engine.ResizeAxis;
import dev.octet.engine.ResizeKernel;
import dev.octet.engine.ResizeSpec;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Resize of 8-bit NHWC images, as ONNX Resize in modes nearest and linear: to a size, or by factors. Scale
 * and zero point are those of the input. Linear interpolation gives the integers of ONNX Runtime for NCHW
 * images: the weighted sum of four pixels in binary32, cut off towards 0, not rounded; so 63.75 becomes 63,
 * and -63.75 becomes -63. Images that keep their height and width are copied.
 */
public final class Resize extends Op {
  private final ResizeKernel kernel;
  private final ResizeSpec spec;

  private Resize(Prepared<ResizeKernel> prepared, ResizeSpec spec) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.spec = spec;
  }

  /**
   * Resizes dense images.
   *
   * @param x {@code [batch][height][width][channels]} of the input type, one byte per element
   * @param y takes {@code [batch][outHeight][outWidth][channels]}, one byte per element, of the height and
   *        width that {@link #outputShape} returns; shares no byte with x
   * @param batch the number of images, 0 or more
   * @param height rows of an input image, 1 to 2<sup>24</sup>
   * @param width columns of an input image, 1 to 2<sup>24</sup>
   * @param channels the number of channels, 0 or more
   * @throws IllegalArgumentException if a size is out of range, of the input or of the output, a segment is
   *         too small, y is read-only, or x and y overlap
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment x, MemorySegment y, int batch, int height, int width, int channels) {
    Checks.notNegative("batch", batch);
    Checks.notNegative("channels", channels);
    int outHeight = resized("height", height, spec.vertical());
    int outWidth = resized("width", width, spec.horizontal());
    Images.operands(x, y, batch, height, width, outHeight, outWidth, channels);
    int ticket = enter();
    try {
      kernel.run(x, y, batch, height, width, channels);
    } finally {
      exit(ticket);
    }
  }

  /**
   * Returns the shape of the output for images of a shape. By a factor, a side of n pixels gets
   * {@code floor(f32(n * factor))} of them.
   *
   * @param input {@code [batch, height, width, channels]}
   * @return {@code [batch, outHeight, outWidth, channels]}
   * @throws IllegalArgumentException if the rank is not 4, or a height or width, of the input or of the
   *         output, is not from 1 to 2<sup>24</sup>
   */
  public Shape outputShape(Shape input) {
    Images.requireImages(input);
    return Shape.of(input.dim(0), resized("height", input.intDim(1), spec.vertical()),
        resized("width", input.intDim(2), spec.horizontal()), input.dim(3));
  }

  private static int resized(String side, int in, ResizeAxis axis) {
    requireSide(side, in);
    long out = axis.out(in);
    if (out < 1 || out > ResizeAxis.MOST) {
      throw new IllegalArgumentException(side + ": expected an output of 1 to " + ResizeAxis.MOST
          + ", got " + out + " from " + in + " by factor " + axis.scale());
    }
    return (int) out;
  }

  private static int requireSide(String side, int size) {
    if (size < 1 || size > ResizeAxis.MOST) {
      throw new IllegalArgumentException(
          side + ": expected 1 to " + ResizeAxis.MOST + " pixels, got " + size);
    }
    return size;
  }

  /**
   * Builder for {@link Resize}; made by {@link dev.octet.Octet#resize()}. Not safe for use by multiple
   * threads.
   */
  public static final class Builder {
    private final Dispatch dispatch;
    private @Nullable DataType type;
    private boolean modeGiven;
    private @Nullable NearestMode nearest;
    private CoordinateMode coordinates = CoordinateMode.HALF_PIXEL;
    private boolean sizeGiven;
    private int height;
    private int width;
    private float heightFactor;
    private float widthFactor;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#resize()}.
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
     * Sets the size of the output, whatever that of the input is; ONNX's sizes. Replaces factors.
     *
     * @param height rows, 1 to 2<sup>24</sup>
     * @param width columns, 1 to 2<sup>24</sup>
     * @return this
     * @throws IllegalArgumentException if a number is out of range
     */
    public Builder outputSize(int height, int width) {
      this.height = requireSide("output height", height);
      this.width = requireSide("output width", width);
      this.sizeGiven = true;
      return this;
    }

    /**
     * Sets the size of the output as a multiple of that of the input; ONNX's scales. The factors themselves
     * are the scales of the coordinates then, not the quotients of the sizes. Replaces a size.
     *
     * @param height factor of the rows, above 0
     * @param width factor of the columns, above 0
     * @return this
     * @throws IllegalArgumentException if a factor is not a finite number above 0
     */
    public Builder outputFactors(float height, float width) {
      this.heightFactor = requireFactor("height factor", height);
      this.widthFactor = requireFactor("width factor", width);
      this.height = 0;
      this.width = 0;
      this.sizeGiven = true;
      return this;
    }

    private static float requireFactor(String operand, float factor) {
      if (!(factor > 0 && factor < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            operand + ": expected a finite number above 0, got " + factor);
      }
      return factor;
    }

    /**
     * Interpolates linearly between two rows and two columns. Replaces nearest pixels.
     *
     * @return this
     */
    public Builder linear() {
      this.nearest = null;
      this.modeGiven = true;
      return this;
    }

    /**
     * Takes the nearest pixel. Replaces interpolation.
     *
     * @param mode which one that is; ONNX's default is {@link NearestMode#ROUND_PREFER_FLOOR}
     * @return this
     */
    public Builder nearest(NearestMode mode) {
      this.nearest = Objects.requireNonNull(mode, "mode");
      this.modeGiven = true;
      return this;
    }

    /**
     * Sets where pixels of the output lie in the input. The default is {@link CoordinateMode#HALF_PIXEL}.
     *
     * @param mode the formula
     * @return this
     */
    public Builder coordinates(CoordinateMode mode) {
      this.coordinates = Objects.requireNonNull(mode, "mode");
      return this;
    }

    /**
     * Validates the settings and chooses an engine and a kernel.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if the type, the size or the mode is missing
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public Resize prepare() {
      DataType given = Operands.given("input", type);
      if (!sizeGiven) {
        throw new IllegalArgumentException("output: not given; call outputSize(...) or outputFactors(...)");
      }
      if (!modeGiven) {
        throw new IllegalArgumentException("mode: not given; call linear() or nearest(...)");
      }
      ResizeSpec spec = new ResizeSpec(given, nearest, new ResizeAxis(coordinates, height, heightFactor),
          new ResizeAxis(coordinates, width, widthFactor));
      return new Resize(dispatch.prepare("resize", backend -> backend.resize(spec)), spec);
    }
  }
}
