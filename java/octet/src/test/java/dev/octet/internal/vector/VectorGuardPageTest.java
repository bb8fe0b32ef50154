package dev.octet.internal.vector;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.GuardPageSuite;

/** See {@link GuardPageSuite}. */
class VectorGuardPageTest extends GuardPageSuite {
  @Override
  protected EngineProfile profile() {
    return VectorEngine.profile();
  }
}
