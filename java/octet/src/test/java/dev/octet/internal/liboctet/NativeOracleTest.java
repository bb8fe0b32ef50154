package dev.octet.internal.liboctet;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.OnnxRuntimeSuite;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The kernels of every tier against ONNX Runtime. */
@ParameterizedClass(allowZeroInvocations = true)
@MethodSource("dev.octet.internal.liboctet.NativeTiers#profiles")
class NativeOracleTest extends OnnxRuntimeSuite {
  private final EngineProfile profile;

  NativeOracleTest(EngineProfile profile) {
    this.profile = profile;
  }

  @Override
  protected EngineProfile profile() {
    return profile;
  }
}
