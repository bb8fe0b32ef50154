import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/** A POM as Maven Central reads it: what it says itself, and what it inherits of parents that are published with it. */
final class Pom {
  static final String TIMESTAMP = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";
  private static final Pattern EXPRESSION = Pattern.compile("\\$\\{([^}]+)}");

  final Path file;
  private final Element root;
  private final Map<String, Pom> all;

  private Pom(Path file, Element root, Map<String, Pom> all) {
    this.file = file;
    this.root = root;
    this.all = all;
  }

  /** Reads POMs that may be each other's parents, by group and artifact; one that is not XML is a violation and left out. */
  static Map<String, Pom> readAll(List<Path> files, Consumer<String> violation) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    Map<String, Pom> all = new LinkedHashMap<>();
    for (Path file : files) {
      try {
        DocumentBuilder builder = factory.newDocumentBuilder();
        builder.setErrorHandler(null);
        Pom pom = new Pom(file, builder.parse(file.toFile()).getDocumentElement(), all);
        all.put(pom.key(), pom);
      } catch (SAXException e) {
        violation.accept(file + " is no POM: " + e.getMessage());
      }
    }
    return all;
  }

  /** A dependency, its expressions replaced by their values. */
  record Dependency(String group, String artifact, String type, String version, String scope) {
    String key() {
      return group + ":" + artifact;
    }
  }

  String group() {
    String own = own("groupId");
    return own.isEmpty() ? own("parent/groupId") : own;
  }

  String artifact() {
    return own("artifactId");
  }

  String version() {
    String own = own("version");
    return own.isEmpty() ? own("parent/version") : own;
  }

  String packaging() {
    String own = own("packaging");
    return own.isEmpty() ? "jar" : own;
  }

  String key() {
    return group() + ":" + artifact();
  }

  /** The time that entries of its jars carry, or nothing. */
  String timestamp() {
    return inherited("properties/project.build.outputTimestamp");
  }

  /** Group and artifact of the parent, or nothing. */
  String parentKey() {
    return element("parent") == null ? "" : own("parent/groupId") + ":" + own("parent/artifactId");
  }

  private Pom parent() {
    return all.get(parentKey());
  }

  /** The text below a path of elements of this POM itself, or nothing. */
  String own(String path) {
    Element element = element(path);
    return element == null ? "" : element.getTextContent().strip();
  }

  /** The same of this POM or of the nearest parent that says something. */
  String inherited(String path) {
    String own = own(path);
    return own.isEmpty() && parent() != null ? parent().inherited(path) : own;
  }

  /** The elements of a list, of this POM or of the nearest parent that has the list. */
  List<Element> inheritedList(String path) {
    Element list = element(path);
    return list == null && parent() != null ? parent().inheritedList(path) : children(list);
  }

  List<Dependency> dependencies() {
    return dependencies("dependencies");
  }

  /** The versions that this POM itself gives to dependencies. */
  List<Dependency> managed() {
    return dependencies("dependencyManagement/dependencies");
  }

  /** The version that this POM or a parent gives to a dependency that has none of its own, or nothing. */
  String managedVersion(Dependency dependency) {
    for (Dependency managed : managed()) {
      if (managed.key().equals(dependency.key()) && managed.type().equals(dependency.type())) {
        return managed.version();
      }
    }
    return parent() == null ? "" : parent().managedVersion(dependency);
  }

  private List<Dependency> dependencies(String path) {
    List<Dependency> dependencies = new ArrayList<>();
    for (Element each : children(element(path))) {
      String type = text(each, "type");
      dependencies.add(new Dependency(expand(text(each, "groupId")), expand(text(each, "artifactId")),
          type.isEmpty() ? "jar" : type, expand(text(each, "version")), text(each, "scope")));
    }
    return dependencies;
  }

  private String expand(String text) {
    return EXPRESSION.matcher(text).replaceAll(match -> Matcher.quoteReplacement(switch (match.group(1)) {
      case "project.version" -> version();
      case "project.groupId" -> group();
      default -> inherited("properties/" + match.group(1));
    }));
  }

  private Element element(String path) {
    Element element = root;
    for (String name : path.split("/")) {
      Element next = null;
      for (Element child : children(element)) {
        if (child.getTagName().equals(name)) {
          next = child;
          break;
        }
      }
      if (next == null) {
        return null;
      }
      element = next;
    }
    return element;
  }

  static String text(Element element, String name) {
    for (Element child : children(element)) {
      if (child.getTagName().equals(name)) {
        return child.getTextContent().strip();
      }
    }
    return "";
  }

  static List<Element> children(Element element) {
    List<Element> children = new ArrayList<>();
    for (Node node = element == null ? null : element.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element child) {
        children.add(child);
      }
    }
    return children;
  }
}
