package dev.octet.internal.scalar;

import dev.octet.Engine;
import dev.octet.testing.EngineProfile;
import dev.octet.testing.ConformanceSuite;

/** See {@link ConformanceSuite}. */
class ScalarConformanceTest extends ConformanceSuite {
  @Override
  protected EngineProfile profile() {
    return EngineProfile.complete(Engine.SCALAR);
  }
}
