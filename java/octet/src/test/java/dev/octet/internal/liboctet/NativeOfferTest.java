package dev.octet.internal.liboctet;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.OfferSuite;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What engine NATIVE offers, on every tier the same. */
@ParameterizedClass(allowZeroInvocations = true)
@MethodSource("dev.octet.internal.liboctet.NativeTiers#profiles")
class NativeOfferTest extends OfferSuite {
  private final EngineProfile profile;

  NativeOfferTest(EngineProfile profile) {
    this.profile = profile;
  }

  @Override
  protected EngineProfile profile() {
    return profile;
  }
}
