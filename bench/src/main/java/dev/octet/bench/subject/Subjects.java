package dev.octet.bench.subject;

import dev.octet.bench.shape.BenchCase;

/** Opens cases. */
public final class Subjects {
  private Subjects() {}

  /**
   * Prepares a case as it is timed.
   *
   * @param benchCase the case, not of ggml or a peer outside the JVM
   * @return the subject
   * @throws UnsupportedOperationException if the peer does not offer this, with its reason
   * @throws IllegalStateException if another engine than the one asked for would run
   */
  public static Subject open(BenchCase benchCase) {
    return open(benchCase, Inputs.Weights.FULL);
  }

  static Subject open(BenchCase benchCase, Inputs.Weights weights) {
    return switch (benchCase.peer()) {
      case OCTET_SCALAR, OCTET_VECTOR, OCTET_NATIVE, OCTET_AVX512, OCTET_AVXVNNI, OCTET_AVX2, OCTET_BASELINE,
          OCTET_ONEDNN_FUSED ->
        OctetSubject.open(benchCase, weights);
      case OCTET_ONEDNN -> benchCase.form().isFloat()
          ? FloatSubject.open(benchCase, weights)
          : OctetSubject.open(benchCase, weights);
      case JAVA_WIDENING, JAVA_LOOP, JAVA_F32 -> JavaSubject.open(benchCase, weights);
      case ORT -> OrtSubject.open(benchCase, weights);
      case ORT_U8 -> OrtSubject.open(benchCase.in(benchCase.form().withUnsignedActivations()), weights);
      case ONEDNN_C, GGML, LIMIT ->
        throw new IllegalArgumentException(benchCase.peer() + " is no peer of cases");
    };
  }
}
