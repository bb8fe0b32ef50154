package dev.octet;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import dev.octet.testing.Arrows;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Who may use whom. Values stand alone; an op knows no engine, an engine knows no other engine and nothing of
 * what stands above the SPI; VECTOR is pure Java; ffm and parallel know nothing of ours.
 */
class ArrowsTest {
  private static final Map<String, Set<String>> ARROWS = Map.ofEntries(
      entry("entry", Set.of("op", "internal.dispatch", "values")),
      entry("op", Set.of("internal.call", "internal.dispatch", "engine", "values")),
      entry("internal.dispatch",
          Set.of("internal.scalar", "internal.vector", "internal.liboctet", "internal.pack", "engine",
              "internal.answers", "internal.jar", "internal.parallel", "values")),
      entry("internal.answers", Set.of("engine", "values")),
      entry("internal.scalar", Set.of("engine", "values")),
      entry("internal.vector",
          Set.of("internal.vector.products", "internal.vector.images", "internal.vector.elements",
              "internal.vector.common", "internal.composed", "engine", "values")),
      entry("internal.vector.products",
          Set.of("internal.vector.common", "internal.vector.loops", "engine", "internal.call",
              "internal.pack", "internal.epilogue", "values")),
      entry("internal.vector.images",
          Set.of("internal.vector.common", "internal.vector.loops", "engine", "internal.call",
              "internal.epilogue", "internal.parallel", "values")),
      entry("internal.vector.elements",
          Set.of("internal.vector.common", "internal.vector.loops", "engine", "internal.call",
              "internal.parallel", "values")),
      entry("internal.vector.common",
          Set.of("internal.vector.simd", "internal.vector.plain", "internal.vector.loops", "engine",
              "internal.call", "internal.epilogue", "internal.parallel", "values")),
      entry("internal.vector.simd",
          Set.of("internal.vector.plain", "internal.vector.loops", "engine", "values")),
      entry("internal.vector.plain", Set.of("internal.vector.loops", "engine", "values")),
      entry("internal.vector.loops", Set.of("engine")),
      entry("internal.composed", Set.of("engine", "internal.call", "values")),
      entry("internal.liboctet",
          Set.of("engine", "internal.call", "internal.composed", "internal.ffm", "internal.parallel",
              "values")),
      entry("internal.call", Set.of("engine", "internal.ffm", "internal.parallel")),
      entry("internal.epilogue", Set.of("engine", "internal.ffm", "internal.pack", "values")),
      entry("internal.pack", Set.of("engine", "values")),
      entry("engine", Set.of("internal.parallel", "values")),
      entry("internal.ffm", Set.of("internal.jar")),
      entry("internal.jar", Set.of()),
      entry("internal.parallel", Set.of()),
      entry("values", Set.of()));

  @Test
  void everyPartUsesWhatItMayAndNothingElse() {
    JavaClasses classes = Arrows.classes();
    assertTrue(classes.contain(Octet.class), "imported " + classes.size() + " classes without Octet");
    Arrows.check(classes, ARROWS);
    Arrows.checkPlatform(classes, "org.jspecify..");
  }
}
