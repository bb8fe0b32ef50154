package dev.octet.onednn;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.OnnxRuntimeSuite;
import org.junit.jupiter.api.AfterAll;

/** See {@link OnnxRuntimeSuite}. */
class OneDnnOracleTest extends OnnxRuntimeSuite {
  @Override
  protected EngineProfile profile() {
    return OneDnnProfile.allow();
  }

  @AfterAll
  static void forbid() {
    OneDnnProfile.forbid();
  }
}
