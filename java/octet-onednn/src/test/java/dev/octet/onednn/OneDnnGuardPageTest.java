package dev.octet.onednn;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.GuardPageSuite;
import org.junit.jupiter.api.AfterAll;

/** See {@link GuardPageSuite}. */
class OneDnnGuardPageTest extends GuardPageSuite {
  @Override
  protected EngineProfile profile() {
    return OneDnnProfile.allow();
  }

  @AfterAll
  static void forbid() {
    OneDnnProfile.forbid();
  }
}
