package dev.octet.internal.liboctet;

import dev.octet.testing.ConformanceSuite;
import dev.octet.testing.EngineProfile;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The node cases of the ONNX standard, on every tier. */
@ParameterizedClass(allowZeroInvocations = true)
@MethodSource("dev.octet.internal.liboctet.NativeTiers#profiles")
class NativeConformanceTest extends ConformanceSuite {
  private final EngineProfile profile;

  NativeConformanceTest(EngineProfile profile) {
    this.profile = profile;
  }

  @Override
  protected EngineProfile profile() {
    return profile;
  }
}
