package dev.octet.internal.liboctet;

import dev.octet.Engine;
import dev.octet.testing.LifecycleSuite;
import org.junit.jupiter.api.condition.EnabledIf;

/** Engine NATIVE, in use and closed. */
@EnabledIf("isHere")
class NativeLifecycleTest extends LifecycleSuite {
  @Override
  protected Engine engine() {
    return Engine.NATIVE;
  }

  static boolean isHere() {
    return Cpu.get().failure() == null;
  }
}
