package dev.octet.onednn;

import dev.octet.testing.AgainstScalarSuite;
import dev.octet.testing.EngineProfile;
import org.junit.jupiter.api.extension.ExtendWith;

/** See {@link AgainstScalarSuite}. */
@ExtendWith(SplitAllowed.class)
class OneDnnAgainstScalarTest extends AgainstScalarSuite {
  @Override
  protected EngineProfile profile() {
    return SplitAllowed.profile();
  }
}
