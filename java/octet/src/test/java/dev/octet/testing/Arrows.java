package dev.octet.testing;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The arrows of the house: which part may use which. A part is a package, and in the root package the entry,
 * {@code Octet}, is a part of its own beside the values.
 */
public final class Arrows {
  private static final String ROOT = "dev.octet";

  private Arrows() {}

  /**
   * The classes of the module that Maven tests.
   *
   * @return its classes without tests
   */
  public static JavaClasses classes() {
    assumeTrue(System.getProperty("octet.test.setup") != null,
        "not run by Maven: tests and classes cannot be told apart");
    JavaClasses classes = new ClassFileImporter().importPath(Path.of("target", "classes"));
    assertFalse(classes.isEmpty(), "no classes");
    return classes;
  }

  /**
   * Checks every class against the parts that its own part may use, besides itself and the JDK. A part that
   * is not in the table fails: whoever makes one decides where it stands. So does an arrow that no class
   * needs.
   *
   * @param classes the classes of a module
   * @param arrows from each part of the module to the parts that it may use
   */
  public static void check(JavaClasses classes, Map<String, Set<String>> arrows) {
    Set<String> unused = new TreeSet<>();
    for (String part : classes.stream().map(Arrows::part).collect(Collectors.toCollection(TreeSet::new))) {
      Set<String> targets = arrows.get(part);
      assertNotNull(targets, () -> "the table of arrows does not say what " + part + " may use");
      noClasses().that(describe("are in " + part, type -> part(type).equals(part))).should()
          .dependOnClassesThat(describe("are ours and neither in " + part + " nor in " + targets,
              type -> isOurs(type) && !part(type).equals(part) && !targets.contains(part(type))))
          .check(classes);
      Set<String> used = classes.stream().filter(type -> part(type).equals(part))
          .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
          .map(Dependency::getTargetClass).filter(Arrows::isOurs).map(Arrows::part)
          .collect(Collectors.toSet());
      targets.stream().filter(target -> !used.contains(target)).map(target -> part + " -> " + target)
          .forEach(unused::add);
    }
    Set<String> unknown = new TreeSet<>(arrows.keySet());
    classes.forEach(type -> unknown.remove(part(type)));
    assertTrue(unknown.isEmpty(), () -> "the table of arrows has " + unknown + ", which are not there");
    assertTrue(unused.isEmpty(), () -> "the table allows " + unused + ", which no class needs");
  }

  /**
   * Checks what holds for every module: the linker, the Vector API and other people's code stay where they
   * belong.
   *
   * @param classes the classes of a module
   * @param others packages of other people that the module may use, with {@code ..} for those below
   */
  public static void checkPlatform(JavaClasses classes, String... others) {
    noClasses().that().resideOutsideOfPackage("dev.octet.internal.ffm").should().dependOnClassesThat(
        describe("link native code", type -> type.getName().startsWith("java.lang.foreign.Linker")
            || type.getName().startsWith("java.lang.foreign.SymbolLookup")))
        .check(classes);
    noClasses().that().resideOutsideOfPackage("dev.octet.internal.vector.simd").should().dependOnClassesThat()
        .resideInAPackage("jdk.incubator.vector..").allowEmptyShould(true).check(classes);
    noClasses().should().dependOnClassesThat()
        .resideOutsideOfPackages(Stream.concat(
            Stream.of("java..", "jdk.incubator.vector..", "dev.octet.."), Stream.of(others))
            .toArray(String[]::new))
        .check(classes);
  }

  private static boolean isOurs(JavaClass type) {
    return type.getPackageName().equals(ROOT) || type.getPackageName().startsWith(ROOT + ".");
  }

  private static String part(JavaClass type) {
    if (!type.getPackageName().equals(ROOT)) {
      return type.getPackageName().substring(ROOT.length() + 1);
    }
    return type.getName().matches("dev\\.octet\\.Octet(\\$.*)?") ? "entry" : "values";
  }
}
