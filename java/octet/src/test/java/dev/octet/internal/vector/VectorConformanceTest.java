package dev.octet.internal.vector;

import dev.octet.testing.ConformanceSuite;
import dev.octet.testing.EngineProfile;

/** The node cases of the ONNX standard on engine VECTOR. */
class VectorConformanceTest extends ConformanceSuite {
  @Override
  protected EngineProfile profile() {
    return VectorEngine.profile();
  }
}
