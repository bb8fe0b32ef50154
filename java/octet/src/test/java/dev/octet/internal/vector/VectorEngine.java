package dev.octet.internal.vector;

import dev.octet.Engine;
import dev.octet.testing.EngineProfile;
import dev.octet.testing.Feature;
import java.util.EnumSet;

/** Engine VECTOR for the suites that all engines share; which of its two forms runs is the JVM's set-up. */
final class VectorEngine {
  private VectorEngine() {}

  static EngineProfile profile() {
    return new EngineProfile(Engine.VECTOR,
        EnumSet.complementOf(EnumSet.of(Feature.TRANSPOSED_CONV2D, Feature.CONV3D)));
  }
}
