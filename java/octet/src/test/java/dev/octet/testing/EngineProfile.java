package dev.octet.testing;

import dev.octet.Engine;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;

/**
 * An engine and what it is expected to offer, so that nothing disappears from the tests silently.
 *
 * @param engine the engine
 * @param features what it offers
 */
public record EngineProfile(Engine engine, Set<Feature> features) {
  /** With a copy of the set. */
  public EngineProfile {
    features = Set.copyOf(features);
  }

  /** An engine that offers everything. */
  public static EngineProfile complete(Engine engine) {
    return new EngineProfile(engine, EnumSet.allOf(Feature.class));
  }

  /** Whether the engine offers all of these. */
  boolean offers(Collection<Feature> needed) {
    return features.containsAll(needed);
  }
}
