package dev.octet.onednn;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.AgainstScalarSuite;
import org.junit.jupiter.api.AfterAll;

/** See {@link AgainstScalarSuite}. */
class OneDnnAgainstScalarTest extends AgainstScalarSuite {
  @Override
  protected EngineProfile profile() {
    return OneDnnProfile.allow();
  }

  @AfterAll
  static void forbid() {
    OneDnnProfile.forbid();
  }
}
