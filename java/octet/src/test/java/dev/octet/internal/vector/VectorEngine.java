package dev.octet.internal.vector;

import dev.octet.Engine;
import dev.octet.testing.EngineProfile;

/** Engine VECTOR for the suites that all engines share; which of its two forms runs is the JVM's set-up. */
final class VectorEngine {
  private VectorEngine() {}

  static EngineProfile profile() {
    return EngineProfile.complete(Engine.VECTOR);
  }
}
