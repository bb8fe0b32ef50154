package dev.octet.internal.vector;

import dev.octet.Engine;
import dev.octet.testing.EngineProfile;
import dev.octet.testing.Feature;
import java.util.EnumSet;
import java.util.Set;

/** Engine VECTOR for the suites that all engines share; which of its two forms runs is the JVM's set-up. */
final class VectorEngine {
  private static final Set<Feature> FEATURES = features();

  private VectorEngine() {}

  private static Set<Feature> features() {
    Set<Feature> features = EnumSet.range(Feature.MATMUL_U8_S8, Feature.MATMUL_PER_ROW_8BIT);
    features.addAll(EnumSet.range(Feature.DYNAMIC_MATMUL_S8,
        Feature.WEIGHT_ONLY_MATMUL_WEIGHT_ZERO_POINTS));
    features.addAll(EnumSet.range(Feature.QUANTIZE_U8, Feature.CONCAT));
    features.addAll(EnumSet.range(Feature.BATCH_U8_U8, Feature.BATCH_TRANSPOSED));
    return features;
  }

  static EngineProfile profile() {
    return new EngineProfile(Engine.VECTOR, FEATURES);
  }
}
