package dev.octet.onednn;

import dev.octet.Quantization;
import dev.octet.engine.BackendContext;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.PointwiseConv2d;
import dev.octet.engine.Window;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import dev.octet.internal.pack.ConvTaps;
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
    if (PointwiseConv2d.suits(spec)) {
      return new PointwiseConv2d(spec,
          OneDnnMatMul.prepare(context, rule, PointwiseConv2d.product(spec)));
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
}
