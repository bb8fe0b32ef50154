package dev.octet.onednn;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.GuardPageSuite;
import org.junit.jupiter.api.extension.ExtendWith;

/** See {@link GuardPageSuite}. */
@ExtendWith(SplitAllowed.class)
class OneDnnGuardPageTest extends GuardPageSuite {
  @Override
  protected EngineProfile profile() {
    return SplitAllowed.profile();
  }
}
