package dev.octet.onednn;

import dev.octet.Engine;
import dev.octet.testing.EngineProfile;
import dev.octet.testing.Feature;
import java.util.EnumSet;
import java.util.Set;

/**
 * What ONEDNN is expected to offer: every product with fixed weights but those of groups along K, products of
 * two run-time operands, convolution. Not: weight-only products (its own are slower than float) and what is
 * no product.
 */
final class OneDnnProfile {
  /** Lets the engine run on CPUs without VNNI too; of no effect where there is VNNI. */
  private static final String SPLIT = "octet.onednn.split";

  private OneDnnProfile() {}

  /** The profile, and leave to run on this CPU. */
  static EngineProfile allow() {
    System.setProperty(SPLIT, "true");
    Set<Feature> features = EnumSet.of(Feature.DYNAMIC_MATMUL_S8, Feature.DYNAMIC_MATMUL_WEIGHT_ZERO_POINTS);
    for (Feature feature : Feature.values()) {
      String name = feature.name();
      if (name.startsWith("MATMUL_") || name.startsWith("BATCH_") || name.startsWith("CONV_")) {
        features.add(feature);
      }
    }
    return new EngineProfile(Engine.ONEDNN, features);
  }

  /** Takes the leave back; other tests see to it themselves. */
  static void forbid() {
    System.clearProperty(SPLIT);
  }
}
