package dev.octet.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** The dependencies and jars of docs/scale-out.md are those of the project that is built and of its tests. */
class SparkProjectDocTest {
  /** What executors have from Spark, in whatever version. */
  private static final Set<String> OF_SPARK = Set.of("commons-codec", "commons-compress", "commons-io",
      "commons-lang3", "error_prone_annotations", "gson", "slf4j-api");
  /** Plots of reports, and annotations: WithoutNativeTest does without them. */
  private static final Set<String> NOT_NEEDED = Set.of("xchart", "VectorGraphics2D", "jspecify");
  /** Writes the figures of the example. */
  private static final String HARNESS = "dev.octet:octet-harness";

  /**
   * A dependency.
   *
   * @param version null where the parent has it
   * @param excluded groups and artifacts
   */
  private record Dependency(String version, List<String> excluded) {}

  @Test
  void dependenciesAreThoseOfTheExample() throws Exception {
    String document = ExecutorJars.read("docs/scale-out.md");
    Map<String, Dependency> shown = dependencies(
        "<dependencies>" + document.split("```xml\n|```\n", -1)[1] + "</dependencies>");
    Map<String, Dependency> built = dependencies(ExecutorJars.read("examples/spark/pom.xml"));
    built.remove(HARNESS);
    assertEquals(built.keySet(), shown.keySet());
    shown.forEach((name, dependency) -> {
      assertEquals(built.get(name).excluded, dependency.excluded, name);
      String artifact = name.substring(name.indexOf(':') + 1);
      assertTrue(ExecutorJars.ofTests().containsKey(artifact + "-" + dependency.version + ".jar")
          || (name.startsWith("dev.octet:") && dependency.version.equals(ExecutorJars.version())),
          name + " " + dependency.version);
    });
  }

  private static Map<String, Dependency> dependencies(String xml)
      throws IOException, SAXException, ParserConfigurationException {
    Map<String, Dependency> dependencies = new TreeMap<>();
    for (Element element : elements(DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml))).getDocumentElement(), "dependency")) {
      dependencies.put(text(element, "groupId") + ":" + text(element, "artifactId"),
          new Dependency(text(element, "version"), elements(element, "exclusion").stream()
              .map(excluded -> text(excluded, "groupId") + ":" + text(excluded, "artifactId")).toList()));
    }
    return dependencies;
  }

  private static List<Element> elements(Element parent, String name) {
    NodeList found = parent.getElementsByTagName(name);
    return IntStream.range(0, found.getLength()).mapToObj(i -> (Element) found.item(i)).toList();
  }

  /** Of the first such element: an exclusion comes behind. */
  private static String text(Element parent, String name) {
    List<Element> found = elements(parent, name);
    return found.isEmpty() ? null : found.getFirst().getTextContent().strip();
  }

  @Test
  void jarsOfExecutorsAreThoseOfMaven() {
    Set<String> shown = ExecutorJars.ofDocument();
    Set<String> missing = new TreeSet<>(shown);
    missing.removeAll(ExecutorJars.ofTests().keySet());
    missing.remove("octet-spark-" + ExecutorJars.version() + ".jar"); // the module itself
    assertEquals(Set.of(), missing, "of the document, but of no class path in that version");
    Set<String> unknown = new TreeSet<>(ExecutorJars.ofRuntime().keySet());
    unknown.removeAll(shown);
    unknown.removeIf(jar -> isOfSpark(jar) || NOT_NEEDED.contains(name(jar)));
    assertEquals(Set.of(), unknown, "of the run-time class path, but not of the document");
  }

  static boolean isOfSpark(String jar) {
    return OF_SPARK.contains(name(jar));
  }

  /** Of a jar, without its version. */
  private static String name(String jar) {
    return jar.replaceFirst("-\\d.*", "");
  }
}
