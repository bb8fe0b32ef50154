package dev.octet.internal.vector;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.TrapSuite;
import org.junit.jupiter.api.Tag;

/** The traps of the law on engine VECTOR. */
@Tag("species")
class VectorTrapTest extends TrapSuite {
  @Override
  protected EngineProfile profile() {
    return VectorEngine.profile();
  }
}
