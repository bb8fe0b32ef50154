package dev.octet.onednn;

import dev.octet.engine.BackendContext;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.Window;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import dev.octet.internal.pack.ConvTaps;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * What oneDNN compiles for a convolution, and the weights as that reads them. A convolution is compiled for
 * one size of image (0.1 to 0.5 ms), so what was compiled is kept for the sizes that were used last. Any
 * number of threads.
 */
final class ConvCompiler implements Resource {
  /** Sizes of images. */
  private static final int SIZES = 32;
  /**
   * Rows and columns of the result for which oneDNN chooses an implementation and the format of the weights.
   */
  private static final int NOMINAL_OUTPUTS = 28;

  private final Int8Rule rule;
  private final Window window;
  private final Fit fit;
  private final ConvForm form;
  private final Extras extras;
  private final Span.Axis rowAxis;
  private final Span.Axis columnAxis;
  private final boolean told;
  private final BiFunction<ConvPlan.Zone, ConvPlan.Zone, Epilogue> epilogues;
  private final Execution.Fixed[] fixed;
  private final PackedTaps weights;
  private final Group resources = new Group();
  private final ShapeCache<ConvPlan> plans;

  /** What oneDNN does beside the convolution itself. */
  interface Extras {
    /** oneDNN's type of the results. */
    int result();

    /** Whether it adds a float to each output channel. */
    boolean isBiased();

    /** What it does to results; a new one each time. */
    Handle attributes();

    /**
     * Arguments that stay the same in each execution: scales, bias, zero points; they live as long as the
     * owner.
     */
    Execution.Fixed[] arguments(Group owner);
  }

  /**
   * A form that oneDNN has an implementation for.
   *
   * @param form how the convolution is put to it
   * @param implementation oneDNN's name for it
   * @param parts how weights are handed to it
   * @param bounded whether any implementation stores sums well enough: they are small, or no integers
   */
  record Fit(ConvForm form, String implementation, Int8Rule.Form parts, boolean bounded) {
    ConvForm.Limits limits() {
      return ConvForm.Limits.of(parts);
    }

    Fit in(Int8Rule.Form other) {
      return new Fit(form, implementation, other, bounded);
    }

    Fit bounded(boolean isBounded) {
      return new Fit(form, implementation, parts, isBounded);
    }

    /** Whether an implementation stores the sums of this as well as is asked for. */
    boolean keepsSums(String other) {
      return bounded || ExactSums.convolutionKeeps(other);
    }
  }

  /**
   * Packs weights.
   *
   * @param rule which implementations may run
   * @param window of the convolution
   * @param taps its weights
   * @param fit how they are put to oneDNN
   * @param extras what else oneDNN does
   * @param told whether outputs are told apart by what taps they see
   * @param epilogues of outputs, by what they see
   */
  ConvCompiler(Int8Rule rule, Window window, ConvTaps taps, Fit fit, Extras extras, boolean told,
      BiFunction<ConvPlan.Zone, ConvPlan.Zone, Epilogue> epilogues) {
    this.rule = rule;
    this.window = window;
    this.fit = fit;
    this.form = fit.form();
    this.extras = extras;
    this.told = told;
    this.epilogues = epilogues;
    this.rowAxis = new Span.Axis(window.kernelHeight(), window.strideHeight(), window.dilationHeight(),
        window.padTop());
    this.columnAxis = new Span.Axis(window.kernelWidth(), window.strideWidth(), window.dilationWidth(),
        window.padLeft());
    try (Handle any = form.anyWeights(window); Handle description = nominal(window, form, extras, any)) {
      int parts = taps.parts(fit.limits().min(), fit.limits().max());
      this.weights = resources.add(PackedTaps.of(form, window, taps, parts, fit.limits(),
          Dnnl.queryDesc(description, Dnnl.QUERY_WEIGHTS)));
      this.fixed = extras.arguments(resources);
      this.plans = resources.add(new ShapeCache<>(SIZES, this::plan));
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /**
   * Whether oneDNN has an implementation of a form that may run.
   *
   * @param rule which may
   * @param spec the op
   * @param form how it is put to oneDNN
   * @param extras what else oneDNN does
   * @return the implementation, or null if it must not run
   */
  static Fit fit(Int8Rule rule, Conv2dSpec spec, ConvForm form, Extras extras) {
    if (!isIndexable(spec.window(), form)) {
      return null;
    }
    try (Handle any = form.anyWeights(spec.window());
        Handle description = nominal(spec.window(), form, extras, any)) {
      String implementation = Dnnl.implementation(description);
      Int8Rule.Form parts = rule.convolution(implementation);
      return parts == null ? null : new Fit(form, implementation, parts, true);
    } catch (DnnlException e) {
      if (!e.isUnimplemented()) {
        throw e;
      }
      return null;
    }
  }

  /**
   * Whether steps and padding are below 2^15, and an image of middling size and the weights of a group have
   * less than 2^31 elements: oneDNN's implementations count with 32 bits inside, and 3.13 crashed on a window
   * beyond them. Other windows go to products.
   */
  private static boolean isIndexable(Window window, ConvForm form) {
    int most = Math.max(
        Math.max(Math.max(window.strideHeight(), window.strideWidth()),
            Math.max(window.dilationHeight(), window.dilationWidth())),
        Math.max(Math.max(window.padTop(), window.padBottom()),
            Math.max(window.padLeft(), window.padRight())));
    if (most > Short.MAX_VALUE) {
      return false;
    }
    // Each factor is below 2^38: the product is one of doubles.
    double image = (double) nominalAxis(window.kernelHeight(), window.strideHeight(), window.dilationHeight(),
        window.padTop())
        * nominalAxis(window.kernelWidth(), window.strideWidth(), window.dilationWidth(), window.padLeft())
        * form.sourceChannels();
    return image <= Integer.MAX_VALUE && form.weights(window) <= Integer.MAX_VALUE;
  }

  /** A convolution of an image of middling size. */
  private static Handle nominal(Window window, ConvForm form, Extras extras, Handle weights) {
    Span rows = nominal(window.kernelHeight(), window.strideHeight(), window.dilationHeight(),
        window.padTop());
    Span columns = nominal(window.kernelWidth(), window.strideWidth(), window.dilationWidth(),
        window.padLeft());
    try (Handle attributes = extras.attributes()) {
      return form.describe(window, weights, extras.result(), extras.isBiased(), 1, rows, columns, attributes);
    }
  }

  private static Span nominal(int taps, int stride, int dilation, int padding) {
    Span.Axis axis = new Span.Axis(taps, stride, dilation, nominalPadding(taps, dilation, padding));
    return axis.span((int) nominalAxis(taps, stride, dilation, padding), 0, NOMINAL_OUTPUTS);
  }

  /** Inputs of an image of middling size along an axis. */
  private static long nominalAxis(int taps, int stride, int dilation, int padding) {
    return (taps - 1L) * dilation + 1 + (NOMINAL_OUTPUTS - 1L) * stride
        - nominalPadding(taps, dilation, padding);
  }

  private static int nominalPadding(int taps, int dilation, int padding) {
    return (int) Math.min(padding, (taps - 1L) * dilation);
  }

  /** The plan for images of a size; {@link #release} must follow. */
  ShapeCache.Entry<ConvPlan> acquire(int height, int width) {
    return plans.acquire((long) height << 32 | width);
  }

  /** Gives a plan back. */
  void release(ShapeCache.Entry<ConvPlan> plan) {
    plans.release(plan);
  }

  private ConvPlan plan(long size) {
    int height = (int) (size >>> 32);
    int width = (int) size;
    return new ConvPlan(height, width, rowAxis, columnAxis, (int) window.outHeight(height),
        (int) window.outWidth(width), told, epilogues, this::compile);
  }

  /**
   * In the format of the weights as they are packed, or in another one, if oneDNN wants that for this size.
   */
  private ConvPlan.Compiled compile(int images, Span rows, Span columns) {
    ConvPlan.Compiled compiled = tryCompile(weights.desc(), images, rows, columns);
    if (compiled == null) {
      try (Handle any = form.anyWeights(window)) {
        compiled = tryCompile(any, images, rows, columns);
      }
    }
    return compiled;
  }

  /** Null if what oneDNN would run must not. */
  private ConvPlan.Compiled tryCompile(Handle weightsDesc, int images, Span rows, Span columns) {
    try (Handle attributes = extras.attributes();
        Handle description = form.describe(window, weightsDesc, extras.result(), extras.isBiased(), images,
            rows,
            columns, attributes)) {
      String implementation = Dnnl.implementation(description);
      Int8Rule.Form needed = rule.convolution(implementation);
      if (needed == null || (needed == Int8Rule.Form.SPLIT && fit.parts() != needed)
          || !fit.keepsSums(implementation) || isMiscomputed(implementation, columns)) {
        return null;
      }
      Handle wanted = Dnnl.queryDesc(description, Dnnl.QUERY_WEIGHTS);
      if (Dnnl.equal(wanted, weights.desc())) {
        wanted.close();
        return new ConvPlan.Compiled(new Runner(description, null, fixed), weights, false);
      }
      PackedTaps own = weights.reordered(wanted);
      try {
        return new ConvPlan.Compiled(new Runner(description, null, fixed), own, true);
      } catch (RuntimeException | Error e) {
        own.close();
        throw e;
      }
    } catch (DnnlException e) {
      if (!e.isUnimplemented()) {
        throw e;
      }
      return null;
    }
  }

  /**
   * Whether oneDNN 3.13 reads wrong pixels (found by comparing 20,000 random convolutions; brg_conv_fwd with
   * avx512_core_vnni and weights packed as aBdec16b): with one input channel a group, windows more than a
   * column apart, and one column of outputs, rows of the result behind the first one are wrong.
   */
  private boolean isMiscomputed(String implementation, Span columns) {
    return implementation.startsWith("brg_conv_fwd") && form.in() == 1 && window.strideWidth() > 1
        && columns.out() == 1;
  }

  /** The same convolution as products, for sizes that oneDNN must not run. */
  UnfoldedConv2d unfolded(BackendContext context, Conv2dSpec spec, Epilogue whole) {
    try (Handle plainDesc = form.plainWeights(window); Group memory = new Group()) {
      List<NativeMemory> plain = new ArrayList<>();
      for (int part = 0; part < weights.count(); part++) {
        plain.add(memory.add(weights.plain(part, plainDesc)));
      }
      return new UnfoldedConv2d(context, rule, spec, form, plain, whole);
    }
  }

  /** oneDNN's name for the implementation. */
  String implementation() {
    return fit.implementation();
  }

  /** How many parts the weights have. */
  int parts() {
    return weights.count();
  }

  /** Memory of the weights. */
  long bytes() {
    return weights.bytes();
  }

  @Override
  public void close() {
    resources.close();
  }
}
