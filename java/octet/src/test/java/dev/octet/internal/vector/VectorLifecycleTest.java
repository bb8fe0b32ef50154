package dev.octet.internal.vector;

import dev.octet.Engine;
import dev.octet.testing.LifecycleSuite;

/** Engine VECTOR, in use and closed. */
class VectorLifecycleTest extends LifecycleSuite {
  @Override
  protected Engine engine() {
    return Engine.VECTOR;
  }
}
