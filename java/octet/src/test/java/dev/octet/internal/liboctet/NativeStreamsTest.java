package dev.octet.internal.liboctet;

import dev.octet.Engine;
import dev.octet.testing.StreamsSuite;
import org.junit.jupiter.api.condition.EnabledIf;

/** Long calls of engine NATIVE. */
@EnabledIf("isHere")
class NativeStreamsTest extends StreamsSuite {
  @Override
  protected Engine engine() {
    return Engine.NATIVE;
  }

  static boolean isHere() {
    return Cpu.get().failure() == null;
  }
}
