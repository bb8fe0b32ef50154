package dev.octet.internal.liboctet;

import dev.octet.QTensor;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.engine.BackendContext;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.ConvWeights;
import dev.octet.engine.MatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.engine.Window;
import java.lang.foreign.MemorySegment;

/** A convolution whose window is one pixel: a product, the pixels of all images its rows. */
final class PointwiseConv2d implements Conv2dKernel {
  private final NativeMatMul product;
  private final int k;
  private final int n;
  private final int outBytes;

  PointwiseConv2d(BackendContext context, Conv2dSpec spec) {
    ConvWeights weights = spec.weights();
    this.k = weights.inPerGroup();
    this.n = weights.outChannels();
    this.outBytes = spec.output().type().bits() / 8;
    QTensor tensor = weights.tensor();
    QTensor matrix = QTensor.of(tensor.type(), Shape.of(n, k), tensor.quantization(), tensor.data());
    this.product = NativeMatMul.prepare(context,
        new MatMulSpec(MatrixWeights.of(matrix, WeightLayout.OUT_IN), spec.input(), spec.bias(),
            spec.floatBias(), spec.output(), spec.inexactEpilogue()));
  }

  /** Whether a convolution is one. */
  static boolean suits(Conv2dSpec spec) {
    Window window = spec.window();
    boolean padded = window.padTop() + window.padLeft() + window.padBottom() + (long) window.padRight() != 0;
    return spec.groups() == 1 && window.kernelHeight() == 1 && window.kernelWidth() == 1
        && window.strideHeight() == 1 && window.strideWidth() == 1 && !padded;
  }

  @Override
  public String name() {
    return product.name();
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
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width) {
    long rows = (long) batch * height * width;
    if (rows <= Integer.MAX_VALUE) {
      product.run(src, k, null, null, dst, n, (int) rows);
      return;
    }
    for (long row = 0; row < rows; row += Integer.MAX_VALUE) {
      int some = (int) Math.min(Integer.MAX_VALUE, rows - row);
      product.run(src.asSlice(row * k, (long) some * k), k, null, null,
          dst.asSlice(row * n * outBytes, (long) some * n * outBytes), n, some);
    }
  }

  @Override
  public void close() {
    product.close();
  }
}
