package dev.octet;

import java.util.Locale;

/**
 * Implementation that ops run on; a closed set. Every engine returns the same integers; they differ in speed
 * and in the platforms they run on. An {@link Octet} chooses its engines when it is opened, by name or
 * automatically, and {@link Octet#report()} lists the choice.
 */
public enum Engine {
  /** Plain Java loops that spell out the numerics law. Always available, slow, one thread. */
  SCALAR,
  /** Pure Java, with the Vector API where its module is present. */
  VECTOR,
  /** Octet's own native kernels. */
  NATIVE,
  /** oneDNN through the Foreign Function and Memory API; needs the artifact {@code octet-onednn}. */
  ONEDNN;

  /**
   * Returns the engine with a name, as in {@code -Doctet.engine=onednn}.
   *
   * @param name the name of an engine in upper or lower case
   * @return the engine
   * @throws IllegalArgumentException if there is no engine of that name; the message lists the names
   */
  public static Engine named(String name) {
    for (Engine engine : values()) {
      if (engine.name().equals(name.toUpperCase(Locale.ROOT))) {
        return engine;
      }
    }
    throw new IllegalArgumentException(
        "octet.engine: unknown engine \"" + name + "\", expected auto, scalar, vector, native or onednn");
  }
}
