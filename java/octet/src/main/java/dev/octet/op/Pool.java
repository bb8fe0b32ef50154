package dev.octet.op;

import dev.octet.Shape;
import dev.octet.engine.PoolKernel;
import dev.octet.engine.PoolSpec;
import dev.octet.engine.Window;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Pooling of 8-bit NHWC images, channel by channel. */
public abstract sealed class Pool extends Op permits AveragePool, MaxPool, GlobalAveragePool {
  private final PoolKernel kernel;
  /** Null if the window is the whole image. */
  private final @Nullable Window window;

  Pool(Prepared<PoolKernel> prepared, PoolSpec spec) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.window = spec.window();
  }

  /**
   * Pools dense images.
   *
   * @param x {@code [batch][height][width][channels]} of the input type, one byte per element
   * @param y takes {@code [batch][outHeight][outWidth][channels]} of the output type, one byte per element;
   *        shares no byte with x
   * @param batch the number of images, 0 or more
   * @param height rows of an input image, 1 or more
   * @param width columns of an input image, 1 or more
   * @param channels the number of channels, 0 or more
   * @throws IllegalArgumentException if a size is out of range, the window is larger than a padded image, a
   *         segment is too small, y is read-only, or x and y overlap
   * @throws IllegalStateException if this op is closed
   */
  public final void run(MemorySegment x, MemorySegment y, int batch, int height, int width, int channels) {
    Checks.notNegative("batch", batch);
    Checks.notNegative("channels", channels);
    int outHeight = outHeight(height);
    int outWidth = outWidth(width);
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
   * @return {@code [batch, outHeight, outWidth, channels]}
   * @throws IllegalArgumentException if the rank is not 4, height or width is 0, or the window is larger than
   *         a padded image
   */
  public final Shape outputShape(Shape input) {
    Images.requireImages(input);
    return Shape.of(input.dim(0), outHeight(input.intDim(1)), outWidth(input.intDim(2)), input.dim(3));
  }

  private int outHeight(int height) {
    Checks.positive("height", height);
    return window == null ? 1 : Images.outHeight(window, height);
  }

  private int outWidth(int width) {
    Checks.positive("width", width);
    return window == null ? 1 : Images.outWidth(window, width);
  }
}
