package dev.octet.onednn;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.LawSuite;
import org.junit.jupiter.api.AfterAll;

/** See {@link LawSuite}. */
class OneDnnLawTest extends LawSuite {
  @Override
  protected EngineProfile profile() {
    return OneDnnProfile.allow();
  }

  @AfterAll
  static void forbid() {
    OneDnnProfile.forbid();
  }
}
