package dev.octet.internal.scalar;

import dev.octet.Engine;
import dev.octet.testing.LifecycleSuite;

/** Engine SCALAR, in use and closed. */
class ScalarLifecycleTest extends LifecycleSuite {
  @Override
  protected Engine engine() {
    return Engine.SCALAR;
  }
}
