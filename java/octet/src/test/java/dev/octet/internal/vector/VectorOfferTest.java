package dev.octet.internal.vector;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.OfferSuite;

/** See {@link OfferSuite}. */
class VectorOfferTest extends OfferSuite {
  @Override
  protected EngineProfile profile() {
    return VectorEngine.profile();
  }
}
