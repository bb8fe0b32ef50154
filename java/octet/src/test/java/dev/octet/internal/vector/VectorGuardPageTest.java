package dev.octet.internal.vector;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.GuardPageSuite;

/** No loop of engine VECTOR leaves its operands. */
class VectorGuardPageTest extends GuardPageSuite {
  @Override
  protected EngineProfile profile() {
    return VectorEngine.profile();
  }
}
