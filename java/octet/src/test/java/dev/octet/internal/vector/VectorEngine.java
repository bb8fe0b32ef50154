package dev.octet.internal.vector;

import dev.octet.Engine;
import dev.octet.testing.EngineProfile;
import dev.octet.testing.Feature;
import java.util.EnumSet;
import java.util.Set;

/** Engine VECTOR for the suites that all engines share; which of its two forms runs is the JVM's set-up. */
final class VectorEngine {
  private static final Set<Feature> FEATURES = EnumSet.range(Feature.QUANTIZE_U8, Feature.CONCAT);

  private VectorEngine() {}

  static EngineProfile profile() {
    return new EngineProfile(Engine.VECTOR, FEATURES);
  }
}
