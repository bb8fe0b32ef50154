package dev.octet.internal.vector;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.OnnxRuntimeSuite;

/** Engine VECTOR against ONNX Runtime. */
class VectorOracleTest extends OnnxRuntimeSuite {
  @Override
  protected EngineProfile profile() {
    return VectorEngine.profile();
  }
}
