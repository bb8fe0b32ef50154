package dev.octet.internal.vector;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.OnnxRuntimeSuite;

/** See {@link OnnxRuntimeSuite}. */
class VectorOracleTest extends OnnxRuntimeSuite {
  @Override
  protected EngineProfile profile() {
    return VectorEngine.profile();
  }
}
