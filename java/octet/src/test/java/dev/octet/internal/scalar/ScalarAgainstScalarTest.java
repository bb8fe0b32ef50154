package dev.octet.internal.scalar;

import dev.octet.Engine;
import dev.octet.testing.EngineProfile;
import dev.octet.testing.AgainstScalarSuite;

/** See {@link AgainstScalarSuite}. */
class ScalarAgainstScalarTest extends AgainstScalarSuite {
  @Override
  protected EngineProfile profile() {
    return EngineProfile.complete(Engine.SCALAR);
  }
}
