package dev.octet.internal.vector.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The width of all loops here: what the JVM prefers. In static finals, so that C2 folds them. */
public final class Species {
  /** Of accumulators. */
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

  private Species() {}

  /**
   * The width of a vector register as the JVM uses it.
   *
   * @return bits
   */
  public static int bits() {
    return FLOATS.vectorBitSize();
  }
}
