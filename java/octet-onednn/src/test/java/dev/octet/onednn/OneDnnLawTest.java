package dev.octet.onednn;

import dev.octet.testing.EngineProfile;
import dev.octet.testing.LawSuite;
import org.junit.jupiter.api.extension.ExtendWith;

/** See {@link LawSuite}. */
@ExtendWith(SplitAllowed.class)
class OneDnnLawTest extends LawSuite {
  @Override
  protected EngineProfile profile() {
    return SplitAllowed.profile();
  }
}
