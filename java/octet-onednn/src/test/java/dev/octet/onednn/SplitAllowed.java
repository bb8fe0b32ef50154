package dev.octet.onednn;

import dev.octet.Engine;
import dev.octet.testing.EngineProfile;
import dev.octet.testing.Feature;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Lets a test class run this engine on a CPU without VNNI too; where there is VNNI it changes nothing. */
final class SplitAllowed implements BeforeAllCallback, AfterAllCallback {
  /**
   * Every product with weights per column or two run-time operands, every convolution; no groups, no floats.
   */
  static EngineProfile profile() {
    Set<Feature> features = EnumSet.range(Feature.MATMUL_U8_S8, Feature.DYNAMIC_MATMUL_U8);
    features.add(Feature.DYNAMIC_MATMUL_WEIGHT_ZERO_POINTS);
    features.addAll(EnumSet.range(Feature.BATCH_U8_U8, Feature.BATCH_TRANSPOSED));
    features.addAll(EnumSet.range(Feature.CONV_U8_U8, Feature.CONV_WEIGHT_ZERO_POINTS));
    return new EngineProfile(Engine.ONEDNN, features);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    System.setProperty(Int8Rule.SPLIT, "true");
  }

  @Override
  public void afterAll(ExtensionContext context) {
    System.clearProperty(Int8Rule.SPLIT);
  }
}
