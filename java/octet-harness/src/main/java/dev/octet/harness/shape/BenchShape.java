package dev.octet.harness.shape;

/** The shape of a case; its text is what stands in shape files and in results.csv. */
public sealed interface BenchShape permits MatMulShape, BatchShape, ConvShape, PoolShape, RowsShape {
  /**
   * Operations as peers count them: two for a product and its addition, padded taps included; one for an
   * element.
   */
  double operations();

  /** Operations that nobody can leave out: without those of padded taps. */
  default double neededOperations() {
    return operations();
  }

  /** Elements of the input. */
  long sourceElements();

  /** Elements of the weights, 0 where there are none. */
  long weightElements();

  /** Elements of the output. */
  long destinationElements();

  /**
   * Reads a shape.
   *
   * @param text for example {@code 128x768x3072}, {@code n1_64x56x56_oc64_k3s1p1},
   *        {@code p1_64x112x112_k3s2p1} or {@code 128x768}
   * @return the shape
   * @throws IllegalArgumentException if it is none of these
   */
  static BenchShape parse(String text) {
    if (text.startsWith("b")) {
      return BatchShape.parse(text);
    }
    if (text.startsWith("n")) {
      return ConvShape.parse(text);
    }
    if (text.startsWith("p")) {
      return PoolShape.parse(text);
    }
    return switch (text.split("x", -1).length) {
      case 3 -> MatMulShape.parse(text);
      case 2 -> RowsShape.parse(text);
      default -> throw new IllegalArgumentException("shape \"" + text
          + "\": expected MxKxN, b1_MxKxN, RxC, n1_CxHxW_ocO_kKsSpP or p1_CxHxW_kKsSpP, see bench/shapes/README.md");
    };
  }
}
