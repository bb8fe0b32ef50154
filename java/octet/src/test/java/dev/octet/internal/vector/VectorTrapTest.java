package dev.octet.internal.vector;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.TrapSuite;

/** See {@link TrapSuite}. */
class VectorTrapTest extends TrapSuite {
  @Override
  protected EngineProfile profile() {
    return VectorEngine.profile();
  }
}
