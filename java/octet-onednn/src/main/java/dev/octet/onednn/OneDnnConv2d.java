package dev.octet.onednn;

import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.engine.BackendContext;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.engine.Window;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import dev.octet.internal.pack.ConvTaps;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Which of the ways to a convolution an op takes. */
final class OneDnnConv2d {
  private OneDnnConv2d() {}

  /**
   * Prepares a convolution.
   *
   * @throws UnsupportedOperationException if oneDNN has no implementation that may run
   */
  static Conv2dKernel prepare(BackendContext context, Int8Rule rule, Conv2dSpec spec) {
    Window window = spec.window();
    boolean onePixel = window.kernelHeight() == 1 && window.kernelWidth() == 1;
    boolean everyPixel = window.strideHeight() == 1 && window.strideWidth() == 1 && window.padTop() == 0
        && window.padLeft() == 0 && window.padBottom() == 0 && window.padRight() == 0;
    if (onePixel && everyPixel && spec.groups() == 1) {
      return new Pointwise(spec, OneDnnMatMul.prepare(context, rule, asMatrix(spec)));
    }
    Int8Rule.Form products = IntProduct.form(rule, BandedConv2d.OP, 64, 64, 64);
    ConvTaps taps = new ConvTaps(spec.weights());
    ConvTaps.Windows windows = taps.windows();
    Epilogue whole = Epilogue.of(spec, windows.terms(DirectConv2d.zeroPoint(spec), spec.bias()));
    try {
      if (spec.inexactEpilogue()) {
        Conv2dKernel fused = FusedConv2d.prepare(context, rule, spec, taps, products, whole);
        if (fused != null) {
          return fused;
        }
      }
      // One pixel at a time, but not every one: a product of the rows that are left.
      Conv2dKernel direct = onePixel && spec.groups() == 1
          ? null
          : DirectConv2d.prepare(context, rule, spec, taps, products, windows, whole);
      return direct != null ? direct : unfolded(context, rule, spec, taps, products, whole);
    } catch (DnnlException e) {
      throw e.orUnsupported(BandedConv2d.OP);
    }
  }

  private static UnfoldedConv2d unfolded(BackendContext context, Int8Rule rule, Conv2dSpec spec,
      ConvTaps taps,
      Int8Rule.Form products, Epilogue whole) {
    ConvForm form = ConvForm.forProducts(spec);
    ConvForm.Limits limits = ConvForm.Limits.of(products);
    double bytes = form.weights(spec.window()) * taps.parts(limits.min(), limits.max());
    if (bytes > Integer.MAX_VALUE) {
      throw new UnsupportedOperationException("conv2d: the weights of a group exceed 2^31 - 1 bytes");
    }
    try (Resource.Group memory = new Resource.Group()) {
      List<NativeMemory> parts = new ArrayList<>();
      for (int part = 0; part < taps.parts(limits.min(), limits.max()); part++) {
        NativeMemory plain = memory
            .add(NativeMemory.allocate(form.resultChannels() * (long) form.perChannel(spec.window())));
        form.write(spec.window(), taps, part, limits, plain.segment());
        parts.add(plain);
      }
      return new UnfoldedConv2d(context, rule, spec, form, parts, whole);
    }
  }

  private static MatMulSpec asMatrix(Conv2dSpec spec) {
    QTensor given = spec.weights().tensor();
    Quantization q = given.quantization();
    Quantization rows = q.granularity() == Granularity.PER_TENSOR
        ? q
        : Quantization.perChannel(0, q.scales(), q.zeroPoints());
    QTensor matrix = QTensor.of(given.type(),
        Shape.of(spec.weights().outChannels(), spec.weights().inPerGroup()),
        rows, given.data());
    return new MatMulSpec(MatrixWeights.of(matrix, WeightLayout.OUT_IN), spec.input(), spec.bias(),
        spec.floatBias(), spec.output(), spec.inexactEpilogue());
  }

  /** A window of one pixel: rows times a matrix. */
  private record Pointwise(Conv2dSpec spec, MatMulKernel product) implements Conv2dKernel {
    @Override
    public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width) {
      long pixels = (long) batch * height * width;
      int in = spec.inChannels();
      int out = spec.weights().outChannels();
      if (pixels <= Integer.MAX_VALUE) {
        product.run(src, in, null, null, dst, out, (int) pixels);
      } else {
        // Only images of more than 2^31 pixels altogether cost two slices each.
        long bytes = spec.output().type().bits() / 8L;
        long line = (long) height * width;
        for (int image = 0; image < batch; image++) {
          product.run(src.asSlice(image * line * in), in, null, null, dst.asSlice(image * line * out * bytes),
              out,
              Math.toIntExact(line));
        }
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
}
