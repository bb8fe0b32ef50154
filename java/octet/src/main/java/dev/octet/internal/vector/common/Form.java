package dev.octet.internal.vector.common;

import dev.octet.DataType;
import dev.octet.internal.vector.loops.ConvLoops;
import dev.octet.internal.vector.loops.FunctionLoops;
import dev.octet.internal.vector.loops.ProductLoops;
import dev.octet.internal.vector.loops.ResizeLoops;
import dev.octet.internal.vector.plain.PlainConv;
import dev.octet.internal.vector.plain.PlainFunctions;
import dev.octet.internal.vector.plain.PlainProducts;
import dev.octet.internal.vector.plain.PlainResize;
import dev.octet.internal.vector.simd.ElementWarmUp;
import dev.octet.internal.vector.simd.SimdConv;
import dev.octet.internal.vector.simd.SimdFunctions;
import dev.octet.internal.vector.simd.SimdProducts;
import dev.octet.internal.vector.simd.SimdResize;
import dev.octet.internal.vector.simd.Species;
import java.util.Locale;

/** Which of the two implementations of the inner loops this JVM uses; decided once, so that C2 folds it. */
public final class Form {
  /**
   * What a JVM has whose compiler makes no vector instructions: the Vector API would be slower than loops.
   */
  private static final int NO_VECTORS = 64;

  private static final boolean MODULE = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  private static final int BITS = MODULE ? Species.bits() : 0;

  /** Multiplications of 8-bit products in a nanosecond, roughly, for cutting calls. */
  public static final double MACS_PER_NANO = 100;

  /** Elements of a stream in a nanosecond, roughly, for cutting calls. */
  public static final double ELEMENTS_PER_NANO = isSimd() ? 8 : 3;

  /** Of products. */
  public static final ProductLoops PRODUCTS = isSimd() ? new SimdProducts() : new PlainProducts();
  private static final ConvLoops COLD_CONVOLUTIONS = new PlainConv();
  private static final ConvLoops CONVOLUTIONS = isSimd() ? new SimdConv() : COLD_CONVOLUTIONS;

  private static final ResizeLoops COLD_RESIZES = new PlainResize();
  private static final ResizeLoops RESIZES = isSimd() ? new SimdResize() : COLD_RESIZES;
  private static final FunctionLoops FUNCTIONS = isSimd() ? new SimdFunctions() : null;

  private Form() {}

  /** Whether the inner loops are those of {@link dev.octet.internal.vector.simd}. */
  public static boolean isSimd() {
    return BITS > NO_VECTORS;
  }

  /** The loops of convolutions besides those of products that are the faster ones by now. */
  public static ConvLoops convolutions() {
    return isSimd() && !ElementWarmUp.isOver() ? COLD_CONVOLUTIONS : CONVOLUTIONS;
  }

  /** The loops of linear resizes that are the faster ones by now. */
  public static ResizeLoops resizes() {
    return isSimd() && !ElementWarmUp.isOver() ? COLD_RESIZES : RESIZES;
  }

  /** Loops of functions of floats for one thread at a time, for as long as there are no faster ones. */
  public static FunctionLoops coldFunctions() {
    return new PlainFunctions();
  }

  /** The loops of functions of floats that are the faster ones by now. */
  public static FunctionLoops functions(FunctionLoops cold) {
    return isSimd() && ElementWarmUp.isOver() ? FUNCTIONS : cold;
  }

  /** The name of a kernel. */
  public static String name(String kernel) {
    return "vector:" + kernel + suffix();
  }

  /** The name of a kernel for elements of a type. */
  public static String name(String kernel, DataType type) {
    return name(kernel + type.toString().toLowerCase(Locale.ROOT));
  }

  /** For names of kernels: the form and its width. */
  static String suffix() {
    return isSimd() ? "__simd" + BITS : "__plain";
  }

  /** One line for the report: which one runs, and how to get the faster. */
  public static String describe() {
    if (isSimd()) {
      return "pure Java, Vector API with " + BITS + " bits";
    }
    return MODULE
        ? "pure Java, plain loops: this JVM compiles the Vector API to no vector instructions"
        : "pure Java, plain loops; faster with --add-modules jdk.incubator.vector";
  }
}
