package dev.octet.onednn;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.ConformanceSuite;
import org.junit.jupiter.api.AfterAll;

/** See {@link ConformanceSuite}. */
class OneDnnConformanceTest extends ConformanceSuite {
  @Override
  protected EngineProfile profile() {
    return OneDnnProfile.allow();
  }

  @AfterAll
  static void forbid() {
    OneDnnProfile.forbid();
  }
}
