package dev.octet.internal.scalar;

import dev.octet.Engine;
import dev.octet.testing.EngineProfile;
import dev.octet.testing.LawSuite;

/** See {@link LawSuite}. */
class ScalarLawTest extends LawSuite {
  @Override
  protected EngineProfile profile() {
    return EngineProfile.complete(Engine.SCALAR);
  }
}
