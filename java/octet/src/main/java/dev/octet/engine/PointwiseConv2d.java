package dev.octet.engine;

import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import java.lang.foreign.MemorySegment;

/**
 * Kernel of a convolution whose window is one pixel: a matrix product, the pixels of all images its rows.
 *
 * @param spec the convolution, one that {@link #suits}
 * @param product the kernel of {@link #product(Conv2dSpec)}, closed with this one
 */
public record PointwiseConv2d(Conv2dSpec spec, MatMulKernel product) implements Conv2dKernel {
  /**
   * Returns whether a convolution is a matrix product.
   *
   * @param spec the convolution
   * @return true for one group and a window of one pixel without stride and padding
   */
  public static boolean suits(Conv2dSpec spec) {
    return suits(spec.window(), spec.groups());
  }

  /**
   * Returns whether convolutions are matrix products.
   *
   * @param window of the convolution
   * @param groups the number of groups
   * @return true for one group and a window of one pixel without stride and padding
   */
  public static boolean suits(Window window, int groups) {
    boolean onePixel = window.kernelHeight() == 1 && window.kernelWidth() == 1;
    boolean everyPixel = window.strideHeight() == 1 && window.strideWidth() == 1 && window.padTop() == 0
        && window.padLeft() == 0 && window.padBottom() == 0 && window.padRight() == 0;
    return onePixel && everyPixel && groups == 1;
  }

  /**
   * Returns the matrix product that a convolution is.
   *
   * @param spec the convolution, one that {@link #suits}
   * @return rows are pixels, K the input channels, N the output channels
   */
  public static MatMulSpec product(Conv2dSpec spec) {
    MatrixWeights packed = spec.weights().packed();
    return new MatMulSpec(packed == null ? matrix(spec.weights()) : packed, spec.input(), spec.bias(),
        spec.floatBias(), spec.output(), spec.inexactEpilogue());
  }

  /**
   * Returns the weights of a window of one pixel as a matrix.
   *
   * @param weights not packed
   * @return K the input channels, N the output channels
   */
  public static MatrixWeights matrix(ConvWeights weights) {
    QTensor given = weights.tensor();
    Quantization q = given.quantization();
    boolean inOut = weights.layout() == WeightLayout.HWIO;
    int in = weights.inPerGroup();
    int out = weights.outChannels();
    Quantization columns = inOut && q.granularity() == Granularity.PER_CHANNEL
        ? Quantization.perChannel(1, q.scales(), q.zeroPoints())
        : q;
    QTensor matrix = QTensor.of(given.type(), inOut ? Shape.of(in, out) : Shape.of(out, in), columns,
        given.data());
    return MatrixWeights.of(matrix, inOut ? WeightLayout.IN_OUT : WeightLayout.OUT_IN);
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width) {
    long pixels = (long) batch * height * width;
    int in = spec.inChannels();
    int out = spec.weights().outChannels();
    if (pixels <= Integer.MAX_VALUE) {
      product.run(src, in, null, null, dst, out, (int) pixels);
      return;
    }
    // Only images of more than 2^31 pixels altogether cost slices.
    long bytes = spec.output().type().bits() / 8L * out;
    for (long pixel = 0; pixel < pixels; pixel += Integer.MAX_VALUE) {
      int some = (int) Math.min(Integer.MAX_VALUE, pixels - pixel);
      product.run(src.asSlice(pixel * in), in, null, null, dst.asSlice(pixel * bytes), out, some);
    }
  }

  @Override
  public String name() {
    return product.name();
  }

  @Override
  public boolean exact() {
    return product.exact();
  }

  @Override
  public long packedBytes() {
    return product.packedBytes();
  }

  @Override
  public long scratchBytes(long rows) {
    return product.scratchBytes(rows);
  }

  @Override
  public void close() {
    product.close();
  }
}
