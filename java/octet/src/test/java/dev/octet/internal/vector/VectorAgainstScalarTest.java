package dev.octet.internal.vector;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.AgainstScalarSuite;

/** See {@link AgainstScalarSuite}. */
class VectorAgainstScalarTest extends AgainstScalarSuite {
  @Override
  protected EngineProfile profile() {
    return VectorEngine.profile();
  }
}
