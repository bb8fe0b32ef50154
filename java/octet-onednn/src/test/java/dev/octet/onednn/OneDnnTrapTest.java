package dev.octet.onednn;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.TrapSuite;
import org.junit.jupiter.api.extension.ExtendWith;

/** See {@link TrapSuite}. */
@ExtendWith(SplitAllowed.class)
class OneDnnTrapTest extends TrapSuite {
  @Override
  protected EngineProfile profile() {
    return SplitAllowed.profile();
  }
}
