package dev.octet.internal.vector;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.ConformanceSuite;

/** See {@link ConformanceSuite}. */
class VectorConformanceTest extends ConformanceSuite {
  @Override
  protected EngineProfile profile() {
    return VectorEngine.profile();
  }
}
