package dev.octet.internal.scalar;

import dev.octet.Engine;
import dev.octet.testing.ConformanceSuite;
import dev.octet.testing.EngineProfile;

/** See {@link ConformanceSuite}. */
class ScalarConformanceTest extends ConformanceSuite {
  @Override
  protected EngineProfile profile() {
    return EngineProfile.complete(Engine.SCALAR);
  }
}
