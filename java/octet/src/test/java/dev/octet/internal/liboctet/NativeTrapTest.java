package dev.octet.internal.liboctet;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.TrapSuite;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The traps of the law, on every tier. */
@ParameterizedClass(allowZeroInvocations = true)
@MethodSource("dev.octet.internal.liboctet.NativeTiers#profiles")
class NativeTrapTest extends TrapSuite {
  private final EngineProfile profile;

  NativeTrapTest(EngineProfile profile) {
    this.profile = profile;
  }

  @Override
  protected EngineProfile profile() {
    return profile;
  }
}
