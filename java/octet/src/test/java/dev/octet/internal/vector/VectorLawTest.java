package dev.octet.internal.vector;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.LawSuite;
import org.junit.jupiter.api.Tag;

/** Engine VECTOR against the law written a second time. */
@Tag("species")
class VectorLawTest extends LawSuite {
  @Override
  protected EngineProfile profile() {
    return VectorEngine.profile();
  }
}
