package dev.octet.onednn;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.TrapSuite;
import org.junit.jupiter.api.AfterAll;

/** See {@link TrapSuite}. */
class OneDnnTrapTest extends TrapSuite {
  @Override
  protected EngineProfile profile() {
    return OneDnnProfile.allow();
  }

  @AfterAll
  static void forbid() {
    OneDnnProfile.forbid();
  }
}
