package dev.octet.onednn;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Which of oneDNN's implementations of 8-bit products may run. Without VNNI instructions they add two
 * products of u8 and s8 in 16 bits with saturation (VPMADDUBSW), and large operands return wrong integers:
 * measured for matmul and convolution with ONEDNN_MAX_CPU_ISA of SSE41, AVX2 and AVX512_CORE. The reference
 * implementation is exact, and hundreds of times slower. So the name of the implementation has to say that it
 * uses VNNI or what came after.
 *
 * <p>
 * On request there is a second exact form for CPUs without VNNI, {@code -Doctet.onednn.split=true}: every
 * weight is the sum of two within -64 to 64, {@code acc = x * w1 + x * w2}, and no pair of products with an
 * unsigned source can saturate: {@code 2 * 255 * 64 = 32640 < 32768}. It takes twice the multiplications, and
 * one half only where all weights lie within -64 to 64 already. A signed source must not be passed to oneDNN
 * in this form; as unsigned with zero point 128 it is.
 *
 * @param split whether the second form is allowed
 */
record Int8Rule(boolean split) {
  /** The property that allows the second form. */
  static final String SPLIT = "octet.onednn.split";

  /**
   * Parts of names of instruction sets that include VNNI. oneDNN names an implementation after the newest set
   * it was made for. Its sets are bits, dnnl_cpu_isa_t in dnnl_types.h: those of avx512_core_vnni (0x67) are
   * all in avx512_core_bf16 (0xe7), avx512_core_fp16 (0x1ef), avx10 and amx. On a CPU with bfloat16 its int8
   * implementations still call themselves avx512_core_vnni (measured), but what it calls the CPU, which is
   * judged by this list too, is avx512_core_bf16.
   */
  private static final List<String> WITH_VNNI = List.of("vnni", "avx10", "amx", "avx512_core_bf16",
      "avx512_core_fp16");

  /** The largest magnitude of a weight that cannot saturate a pair of products. */
  static final int LIMIT = 64;

  /**
   * The rule that the properties describe.
   *
   * @throws IllegalArgumentException if the property has an unknown value
   */
  static Int8Rule fromProperties() {
    String value = System.getProperty(SPLIT, "false");
    if (!value.equals("true") && !value.equals("false")) {
      throw new IllegalArgumentException(SPLIT + ": expected true or false, got \"" + value + "\"");
    }
    return new Int8Rule(value.equals("true"));
  }

  /** How weights are handed to an implementation. */
  enum Form {
    /** As they are. */
    PLAIN,
    /** As sums of two within -64 to 64, and the source unsigned. */
    SPLIT
  }

  /**
   * The form in which an implementation is exact.
   *
   * @param implementation what oneDNN chose for an unsigned source
   * @param what was to be computed, for the message
   * @return the form
   * @throws UnsupportedOperationException if it is exact in none that is allowed
   */
  Form form(String implementation, String what) {
    if (isExact(implementation)) {
      return Form.PLAIN;
    }
    if (split && !isReference(implementation)) {
      return Form.SPLIT;
    }
    throw new UnsupportedOperationException(what + ": oneDNN would run " + implementation + " on this CPU ("
        + Dnnl.isa() + "), which is "
        + (isReference(implementation)
            ? "a slow reference"
            : "not exact without VNNI; -D" + SPLIT + "=true allows an exact form at twice the work"));
  }

  /**
   * The form in which an implementation of convolution is exact as far as its sums go; what it makes of them
   * is another matter, see {@link DirectConv2d}.
   *
   * @param implementation what oneDNN chose for an unsigned source
   * @return the form; null if it is exact in none that is allowed, or unfolds windows as we do, but slower
   */
  Form convolution(String implementation) {
    if (isReference(implementation) || implementation.startsWith("gemm")) {
      return null;
    }
    return isExact(implementation) ? Form.PLAIN : split ? Form.SPLIT : null;
  }

  /** Whether an implementation sums products of any 8-bit integers exactly, and fast. */
  static boolean isExact(String implementation) {
    return !isReference(implementation) && includesVnni(implementation);
  }

  /** Whether an instruction set, or an implementation named after it, includes VNNI. */
  static boolean includesVnni(String name) {
    return WITH_VNNI.stream().anyMatch(name::contains);
  }

  /** Whether an implementation is one of the slow ones: "ref:any", "ref_int8:any", "gemm:ref". */
  static boolean isReference(String implementation) {
    return implementation.startsWith("ref") || implementation.contains(":ref");
  }

  /** Whether no weight is beyond the limit, so that one product is exact as it is. */
  static boolean isNarrow(MemorySegment weights, long count) {
    for (long i = 0; i < count; i++) {
      if (Math.abs(weights.get(ValueLayout.JAVA_BYTE, i)) > LIMIT) {
        return false;
      }
    }
    return true;
  }
}
