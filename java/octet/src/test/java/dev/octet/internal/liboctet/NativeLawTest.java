package dev.octet.internal.liboctet;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.LawSuite;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The kernels of every tier against the law written a second time. */
@ParameterizedClass(allowZeroInvocations = true)
@MethodSource("dev.octet.internal.liboctet.NativeTiers#profiles")
class NativeLawTest extends LawSuite {
  private final EngineProfile profile;

  NativeLawTest(EngineProfile profile) {
    this.profile = profile;
  }

  @Override
  protected EngineProfile profile() {
    return profile;
  }
}
