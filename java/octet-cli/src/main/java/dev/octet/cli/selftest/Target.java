package dev.octet.cli.selftest;

import dev.octet.Engine;
import dev.octet.Isa;
import java.lang.module.ModuleFinder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An engine in one of its forms, which is tested in a JVM of its own.
 *
 * @param engine the engine
 * @param tier what the form is called
 * @param isa the instruction set tier, of NATIVE, else null
 * @param options of the JVM
 */
record Target(Engine engine, String tier, Isa isa, List<String> options) {
  private static final String VECTOR_API = "jdk.incubator.vector";
  /**
   * Where the engine is not Java, SCALAR alone is compiled, and compiled soon: three times as many cases in a
   * second.
   */
  private static final String COMPILED_SOON = "-XX:TieredStopAtLevel=1";
  /** Each kernel of the engine passes known answers before it is used. */
  static final String KERNEL_CHECK = "-Doctet.native.check=true";

  /** All there are, the highest tiers first; whether they can run here shows when they are opened. */
  static List<Target> all() {
    List<Target> all = new ArrayList<>();
    List.of(Isa.values()).reversed().forEach(
        isa -> all.add(new Target(Engine.NATIVE, isa.name().toLowerCase(Locale.ROOT), isa,
            List.of(COMPILED_SOON, KERNEL_CHECK))));
    // Eager: without it plain loops run until the others are compiled, and would be tested twice.
    all.add(new Target(Engine.VECTOR, "vector-api", null,
        List.of("--add-modules", VECTOR_API, "-Doctet.vector.eager=true")));
    all.add(new Target(Engine.VECTOR, "plain", null, List.of()));
    all.add(new Target(Engine.ONEDNN, "auto", null, List.of(COMPILED_SOON)));
    return all;
  }

  /** Why not even a JVM starts with the options; null if one does. */
  String missing() {
    return options.contains(VECTOR_API) && ModuleFinder.ofSystem().find(VECTOR_API).isEmpty()
        ? "this Java has no module " + VECTOR_API
        : null;
  }

  @Override
  public String toString() {
    return engine + " " + tier;
  }
}
