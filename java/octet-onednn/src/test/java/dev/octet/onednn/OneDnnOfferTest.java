package dev.octet.onednn;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.OfferSuite;
import org.junit.jupiter.api.extension.ExtendWith;

/** See {@link OfferSuite}. */
@ExtendWith(SplitAllowed.class)
class OneDnnOfferTest extends OfferSuite {
  @Override
  protected EngineProfile profile() {
    return SplitAllowed.profile();
  }
}
