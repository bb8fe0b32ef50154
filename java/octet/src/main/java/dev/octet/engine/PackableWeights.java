package dev.octet.engine;

import org.jspecify.annotations.Nullable;

/** Fixed weights of a product, as a caller has them or as an engine has packed them. */
public sealed interface PackableWeights permits MatrixWeights, BlockWeights {
  /**
   * Returns the packed weights.
   *
   * @return the packed weights, or null if these are not packed
   */
  @Nullable
  WeightPack pack();

  /**
   * Returns the number of input features.
   *
   * @return K
   */
  int k();

  /**
   * Returns the number of output features.
   *
   * @return N
   */
  int n();

  /**
   * Returns the same weights, which keep an object reachable: whose end would free the pack.
   *
   * @param whoever the owner of the pack
   * @return the weights
   */
  PackableWeights ownedBy(Object whoever);
}
