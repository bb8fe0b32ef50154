package dev.octet.internal.scalar;

import dev.octet.Engine;
import dev.octet.testing.EngineProfile;
import dev.octet.testing.GuardPageSuite;

/** See {@link GuardPageSuite}. */
class ScalarGuardPageTest extends GuardPageSuite {
  @Override
  protected EngineProfile profile() {
    return EngineProfile.complete(Engine.SCALAR);
  }
}
