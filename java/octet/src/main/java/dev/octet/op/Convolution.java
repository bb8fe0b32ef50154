package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Shape;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;

/** Two-dimensional convolution of NHWC images: what {@link Conv2d} and {@link DynamicConv2d} share. */
abstract sealed class Convolution extends Op permits Conv2d, DynamicConv2d {
  final Conv2dKernel kernel;
  final Conv2dSpec spec;
  private final int inputBytes;

  /**
   * Creates an op.
   *
   * @param input the type of the images in memory
   */
  Convolution(Prepared<Conv2dKernel> prepared, Conv2dSpec spec, DataType input) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.spec = spec;
    this.inputBytes = input.bits() / 8;
  }

  /**
   * Returns the shape of the output for images of a shape.
   *
   * @param input {@code [batch, height, width, channels]}
   * @return {@code [batch, outHeight, outWidth, outChannels]}
   * @throws IllegalArgumentException if the rank is not 4, the channels are not those of the weights, or the
   *         window is larger than a padded image
   */
  public final Shape outputShape(Shape input) {
    return Images.outputShape(spec.window(), input, spec.inChannels(), spec.weights().outChannels());
  }

  /**
   * Checks the operands of a run.
   *
   * @return the size of y in bytes
   * @throws IllegalArgumentException if a size is out of range, sizes overflow, a segment is too small, y is
   *         read-only, or x and y overlap
   */
  final long check(MemorySegment x, MemorySegment y, int batch, int height, int width) {
    Checks.notNegative("batch", batch);
    int outHeight = Images.outHeight(spec.window(), height);
    int outWidth = Images.outWidth(spec.window(), width);
    long xBytes = Images.bytes("x", batch, height, width, spec.inChannels(), inputBytes);
    long yBytes = Images.bytes("y", batch, outHeight, outWidth, spec.weights().outChannels(),
        spec.output().type().bits() / 8);
    Checks.readable("x", x, xBytes);
    Checks.writable("y", y, yBytes);
    Checks.disjoint("x", x, xBytes, "y", y, yBytes);
    return yBytes;
  }
}
