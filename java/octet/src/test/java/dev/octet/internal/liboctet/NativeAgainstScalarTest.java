package dev.octet.internal.liboctet;

import dev.octet.testing.AgainstScalarSuite;
import dev.octet.testing.EngineProfile;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The kernels of every tier against SCALAR. */
@ParameterizedClass(allowZeroInvocations = true)
@MethodSource("dev.octet.internal.liboctet.NativeTiers#profiles")
class NativeAgainstScalarTest extends AgainstScalarSuite {
  private final EngineProfile profile;

  NativeAgainstScalarTest(EngineProfile profile) {
    this.profile = profile;
  }

  @Override
  protected EngineProfile profile() {
    return profile;
  }
}
