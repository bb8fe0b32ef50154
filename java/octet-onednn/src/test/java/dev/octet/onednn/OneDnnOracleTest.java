package dev.octet.onednn;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.OnnxRuntimeSuite;
import org.junit.jupiter.api.extension.ExtendWith;

/** ONEDNN against ONNX Runtime, see {@link OnnxRuntimeSuite}. */
@ExtendWith(SplitAllowed.class)
class OneDnnOracleTest extends OnnxRuntimeSuite {
  @Override
  protected EngineProfile profile() {
    return SplitAllowed.profile();
  }
}
