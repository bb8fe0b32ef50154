package dev.octet.onednn;

import dev.octet.testing.ConformanceSuite;
import dev.octet.testing.EngineProfile;
import org.junit.jupiter.api.extension.ExtendWith;

/** See {@link ConformanceSuite}. */
@ExtendWith(SplitAllowed.class)
class OneDnnConformanceTest extends ConformanceSuite {
  @Override
  protected EngineProfile profile() {
    return SplitAllowed.profile();
  }
}
