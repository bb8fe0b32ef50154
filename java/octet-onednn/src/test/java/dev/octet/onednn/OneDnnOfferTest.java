package dev.octet.onednn;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.OfferSuite;
import org.junit.jupiter.api.AfterAll;

/** See {@link OfferSuite}. */
class OneDnnOfferTest extends OfferSuite {
  @Override
  protected EngineProfile profile() {
    return OneDnnProfile.allow();
  }

  @AfterAll
  static void forbid() {
    OneDnnProfile.forbid();
  }
}
