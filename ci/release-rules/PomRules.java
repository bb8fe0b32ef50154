import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.w3c.dom.Element;

/** What Maven Central requires of POMs, and what a BOM and its artifacts require of each other. */
final class PomRules {
  private final Map<String, Pom> poms;
  private final boolean released;
  private final Consumer<String> violation;

  /**
   * Makes the rules for POMs that are published together.
   *
   * @param released whether versions have to be those of a release; else Octet's own may be a snapshot
   * @param violation takes a text for each violated rule
   */
  PomRules(Map<String, Pom> poms, boolean released, Consumer<String> violation) {
    this.poms = poms;
    this.released = released;
    this.violation = violation;
  }

  void check() {
    List<Pom> boms = new ArrayList<>();
    for (Pom pom : poms.values()) {
      identity(pom);
      if (parentIsThere(pom)) {
        timestamp(pom);
        description(pom);
        dependencies(pom);
      }
      if (pom.packaging().equals("pom") && pom.artifact().endsWith("-bom")) {
        boms.add(pom);
      }
    }
    if (boms.isEmpty()) {
      violation.accept("no BOM: expected an artifact of packaging pom whose name ends in -bom");
    }
    boms.forEach(this::bom);
  }

  private void identity(Pom pom) {
    for (String part : List.of(pom.group(), pom.artifact(), pom.version())) {
      if (part.isEmpty() || part.contains("${")) {
        violation.accept(pom.file + ": groupId, artifactId and version have to be plain texts, got \"" + part + "\"");
      }
    }
    if (released && pom.version().endsWith("-SNAPSHOT")) {
      violation.accept(pom.file + ": version " + pom.version() + " is a snapshot: Maven Central takes releases only");
    }
  }

  /** Without its parent nothing is known of what a POM says. */
  private boolean parentIsThere(Pom pom) {
    String parent = pom.parentKey();
    if (!parent.isEmpty() && !poms.containsKey(parent)) {
      violation.accept(pom.file + ": parent " + parent + " is not published with it");
      return false;
    }
    if (!parent.isEmpty() && !pom.own("parent/version").equals(poms.get(parent).version())) {
      violation.accept(pom.file + ": parent " + parent + ": expected version " + poms.get(parent).version() + ", got "
          + pom.own("parent/version"));
    }
    return true;
  }

  private void timestamp(Pom pom) {
    if (!pom.packaging().equals("pom") && !pom.timestamp().matches(Pom.TIMESTAMP)) {
      violation.accept(pom.file + ": property project.build.outputTimestamp: expected a time such as "
          + "2025-01-01T00:00:00Z, without which no two builds give the same jars, got \"" + pom.timestamp() + "\"");
    }
  }

  private void description(Pom pom) {
    // a name is not inherited
    require(pom, "name", pom.own("name"));
    require(pom, "description", pom.inherited("description"));
    require(pom, "url", pom.inherited("url"));
    require(pom, "scm/url", pom.inherited("scm/url"));
    require(pom, "scm/connection", pom.inherited("scm/connection"));
    requireEach(pom, "licenses", List.of("name", "url"));
    requireEach(pom, "developers", List.of("name"));
    for (String elements : List.of("repositories", "pluginRepositories")) {
      if (!pom.inheritedList(elements).isEmpty()) {
        violation.accept(pom.file + ": " + elements + ": a published POM sends its users to no other repository");
      }
    }
  }

  private void require(Pom pom, String path, String text) {
    if (text.isEmpty()) {
      violation.accept(pom.file + ": no " + path + ", which Maven Central requires");
    }
  }

  private void requireEach(Pom pom, String path, List<String> names) {
    List<Element> elements = pom.inheritedList(path);
    require(pom, path, elements.isEmpty() ? "" : path);
    for (Element element : elements) {
      for (String name : names) {
        require(pom, path + "/" + element.getTagName() + "/" + name, Pom.text(element, name));
      }
    }
  }

  private void dependencies(Pom pom) {
    for (Pom.Dependency dependency : pom.dependencies()) {
      String version = dependency.version().isEmpty() ? pom.managedVersion(dependency) : dependency.version();
      if (version.isEmpty()) {
        violation.accept(pom.file + ": dependency " + dependency.key() + " has no version");
      } else {
        version(pom, dependency, version);
      }
      if (dependency.scope().equals("system")) {
        violation.accept(pom.file + ": dependency " + dependency.key() + " is a file of this machine: scope system");
      }
      if (dependency.group().equals(pom.group()) && !dependency.scope().equals("test")
          && !poms.containsKey(dependency.key())) {
        violation.accept(pom.file + ": dependency " + dependency.key() + " is not published with it");
      }
    }
  }

  private void version(Pom pom, Pom.Dependency dependency, String version) {
    boolean own = poms.containsKey(dependency.key());
    if (own && !version.equals(poms.get(dependency.key()).version())) {
      violation.accept(pom.file + ": dependency " + dependency.key() + ": expected version "
          + poms.get(dependency.key()).version() + " of what is published with it, got " + version);
    } else if (version.endsWith("-SNAPSHOT") && !(own && !released)) {
      violation.accept(pom.file + ": dependency " + dependency.key() + " " + version + " is a snapshot");
    } else if (version.matches("LATEST|RELEASE|.*[\\[(,].*")) {
      violation.accept(pom.file + ": dependency " + dependency.key() + ": expected one version, got " + version);
    }
  }

  private void bom(Pom bom) {
    List<String> managed = new ArrayList<>();
    for (Pom.Dependency dependency : bom.managed()) {
      managed.add(dependency.key());
      if (dependency.group().equals(bom.group()) && !poms.containsKey(dependency.key())) {
        violation.accept(bom.file + ": " + dependency.key() + " is not published with it");
      } else {
        version(bom, dependency, dependency.version());
      }
    }
    for (Pom pom : poms.values()) {
      if (!pom.packaging().equals("pom") && !managed.contains(pom.key())) {
        violation.accept(bom.file + ": " + pom.key() + ", which is published with it, is missing");
      }
    }
  }
}
