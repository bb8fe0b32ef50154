package dev.octet.internal.scalar;

import dev.octet.Engine;
import dev.octet.testing.AgainstScalarSuite;
import dev.octet.testing.EngineProfile;

/** That results of SCALAR do not depend on where operands lie, see {@link AgainstScalarSuite}. */
class ScalarAgainstScalarTest extends AgainstScalarSuite {
  @Override
  protected EngineProfile profile() {
    return EngineProfile.complete(Engine.SCALAR);
  }

  @Override
  protected int rounds() {
    return 1;
  }
}
