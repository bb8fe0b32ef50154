package dev.octet.testing;

import dev.octet.Engine;
import dev.octet.Isa;
import dev.octet.Octet;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;

/**
 * An engine and what it is expected to offer, so that nothing disappears from the tests silently.
 *
 * @param engine the engine
 * @param isa the highest tier that it may use, or null: that of the machine
 * @param features what it offers
 */
public record EngineProfile(Engine engine, Isa isa, Set<Feature> features) {
  /** With a copy of the set. */
  public EngineProfile {
    features = Set.copyOf(features);
  }

  /** An engine on the tier of the machine. */
  public EngineProfile(Engine engine, Set<Feature> features) {
    this(engine, null, features);
  }

  /** The same engine, of which less is asked. */
  EngineProfile only(Set<Feature> some) {
    return new EngineProfile(engine, isa, some);
  }

  /** An Octet that is forced to the engine. */
  Octet open() {
    Octet.Builder builder = Octet.builder().engine(engine);
    return (isa == null ? builder : builder.isa(isa)).open();
  }

  /** Engine and tier, for messages. */
  String name() {
    return isa == null ? engine.toString() : engine + " " + isa;
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
