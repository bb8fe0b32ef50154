package dev.octet.internal.liboctet;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.GuardPageSuite;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** No kernel of any tier leaves its operands. */
@ParameterizedClass(allowZeroInvocations = true)
@MethodSource("dev.octet.internal.liboctet.NativeTiers#profiles")
class NativeGuardPageTest extends GuardPageSuite {
  private final EngineProfile profile;

  NativeGuardPageTest(EngineProfile profile) {
    this.profile = profile;
  }

  @Override
  protected EngineProfile profile() {
    return profile;
  }
}
