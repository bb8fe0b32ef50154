package dev.octet.internal.vector;

import dev.octet.testing.AgainstScalarSuite;
import dev.octet.testing.EngineProfile;
import org.junit.jupiter.api.Tag;

/** Engine VECTOR against SCALAR. */
@Tag("species")
class VectorAgainstScalarTest extends AgainstScalarSuite {
  @Override
  protected EngineProfile profile() {
    return VectorEngine.profile();
  }
}
