package dev.octet.internal.scalar;

import dev.octet.Engine;
import dev.octet.testing.EngineProfile;
import dev.octet.testing.OnnxRuntimeSuite;

/** SCALAR, the law itself, against ONNX Runtime. */
class ScalarOracleTest extends OnnxRuntimeSuite {
  @Override
  protected EngineProfile profile() {
    return EngineProfile.complete(Engine.SCALAR);
  }
}
