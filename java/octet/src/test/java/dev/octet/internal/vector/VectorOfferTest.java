package dev.octet.internal.vector;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.OfferSuite;

/** What engine VECTOR offers. */
class VectorOfferTest extends OfferSuite {
  @Override
  protected EngineProfile profile() {
    return VectorEngine.profile();
  }
}
