package dev.octet.internal.liboctet;

import dev.octet.Engine;
import dev.octet.testing.ImageStreamsSuite;
import org.junit.jupiter.api.condition.EnabledIf;

/** Long calls of engine NATIVE. */
@EnabledIf("isHere")
class NativeStreamsTest extends ImageStreamsSuite {
  @Override
  protected Engine engine() {
    return Engine.NATIVE;
  }

  static boolean isHere() {
    return Cpu.get().failure() == null;
  }
}
