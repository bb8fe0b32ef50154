import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Holds a release to the rules of Maven Central and to ours, and prints each violation.
 *
 * <pre>
 * CheckRelease repository FOLDER PLATFORM...   a repository with one release, signed, and the platforms of its native code
 * CheckRelease poms POM...                     POMs of sources, whose version may be a snapshot
 * </pre>
 */
final class CheckRelease {
  private CheckRelease() {}

  public static void main(String[] args) throws Exception {
    if (args.length < 2 || !List.of("repository", "poms").contains(args[0])) {
      System.err.println("CheckRelease: expected repository FOLDER PLATFORM... or poms POM..., got " + List.of(args));
      System.exit(2);
    }
    List<String> rest = List.of(args).subList(1, args.length);
    boolean repository = args[0].equals("repository");
    List<String> violations = repository ? ofRepository(Path.of(rest.getFirst()), rest.subList(1, rest.size()))
        : ofPoms(rest.stream().map(Path::of).toList());
    violations.forEach(violation -> System.err.println("CheckRelease: " + violation));
    if (!violations.isEmpty()) {
      System.exit(1);
    }
  }

  /** The rules for what goes to Maven Central. */
  static List<String> ofRepository(Path folder, List<String> platforms) throws Exception {
    List<String> violations = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return List.of(folder + ": expected a repository, which is a folder");
    }
    Map<String, Pom> poms = Pom.readAll(
        FileRules.files(folder).stream().filter(file -> file.toString().endsWith(".pom")).toList(), violations::add);
    new PomRules(poms, true, violations::add).check();
    new FileRules(folder, violations::add).check(poms);
    new JarRules(platforms, violations::add).check(poms);
    return violations;
  }

  /** The rules for POMs alone, of those that are published and of their parents. */
  static List<String> ofPoms(List<Path> files) throws Exception {
    List<String> violations = new ArrayList<>();
    new PomRules(Pom.readAll(files, violations::add), false, violations::add).check();
    return violations;
  }
}
