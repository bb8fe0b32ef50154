package dev.octet.internal.vector;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.LawSuite;

/** See {@link LawSuite}. */
class VectorLawTest extends LawSuite {
  @Override
  protected EngineProfile profile() {
    return VectorEngine.profile();
  }
}
