package dev.octet.internal.vector;

import dev.octet.testing.AgainstScalarSuite;
import dev.octet.testing.EngineProfile;

/** Engine VECTOR against SCALAR. */
class VectorAgainstScalarTest extends AgainstScalarSuite {
  @Override
  protected EngineProfile profile() {
    return VectorEngine.profile();
  }
}
