import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Breaks a small release in every way that CheckRelease looks for, and expects what it says. GNUPGHOME names a folder with a
 * key; the argument is a folder for the releases.
 */
final class CheckReleaseTest {
  private static final List<String> PLATFORMS = List.of("linux-x86_64", "linux-aarch64");
  private static final Path PARENT = Path.of("dev/octet/octet-parent/1.0/octet-parent-1.0.pom");
  private static final Path BOM = Path.of("dev/octet/octet-bom/1.0/octet-bom-1.0.pom");
  private static final Path OCTET = Path.of("dev/octet/octet/1.0/octet-1.0.pom");
  private static final Path JAR = OCTET.resolveSibling("octet-1.0.jar");
  private static final Path MORE = Path.of("dev/octet/octet-more/1.0/octet-more-1.0.pom");

  private final Path work;
  private int cases;

  private CheckReleaseTest(Path work) {
    this.work = work;
  }

  public static void main(String[] args) throws Exception {
    CheckReleaseTest test = new CheckReleaseTest(Path.of(args[0]));
    test.makeGood();
    test.poms();
    test.files();
    test.jars();
    test.sources();
    System.out.println("CheckReleaseTest: " + test.cases + " releases gave what they should");
  }

  private void poms() throws Exception {
    expect(List.of(), release -> {});
    pom(OCTET, "<name>Octet</name>", "", "octet-1.0.pom: no name, which Maven Central requires");
    pom(BOM, "<description>Versions</description>", "", "octet-bom-1.0.pom: no description,");
    pom(BOM, "<url>https://octet.dev</url>", "", "octet-bom-1.0.pom: no url,");
    pom(BOM, "<developers><developer><name>Us</name></developer></developers>", "", "octet-bom-1.0.pom: no developers,");
    pom(BOM, "<name>Us</name>", "", "octet-bom-1.0.pom: no developers/developer/name,");
    pom(BOM, "<url>https://apache.org</url>", "", "octet-bom-1.0.pom: no licenses/license/url,");
    pom(BOM, "<connection>scm:git:octet</connection>", "", "octet-bom-1.0.pom: no scm/connection,");
    pom(BOM, "<url>https://octet.dev/scm</url>", "", "octet-bom-1.0.pom: no scm/url,");
    pom(MORE, "<dependencies>", "<repositories><repository/></repositories><dependencies>",
        "octet-more-1.0.pom: repositories: a published POM sends its users to no other repository");
    pom(MORE, "<version>2.3</version>", "<version>2.3-SNAPSHOT</version>",
        "octet-more-1.0.pom: dependency org.other:other 2.3-SNAPSHOT is a snapshot");
    pom(MORE, "<version>2.3</version>", "<version>[2,3)</version>",
        "octet-more-1.0.pom: dependency org.other:other: expected one version, got [2,3)");
    pom(MORE, "<version>2.3</version>", "", "octet-more-1.0.pom: dependency org.other:other has no version");
    pom(MORE, "<version>2.3</version>", "<version>2.3</version><scope>system</scope>",
        "octet-more-1.0.pom: dependency org.other:other is a file of this machine");
    pom(MORE, "<artifactId>other</artifactId>", "<artifactId>other</artifactId></dependency><dependency>"
        + "<groupId>dev.octet</groupId><artifactId>octet-bench</artifactId>",
        "octet-more-1.0.pom: dependency org.other:other has no version",
        "octet-more-1.0.pom: dependency dev.octet:octet-bench is not published with it");
    pom(PARENT, "<version>${project.version}</version>", "<version>0.9</version>",
        "octet-more-1.0.pom: dependency dev.octet:octet: expected version 1.0 of what is published with it, got 0.9");
    pom(BOM, "<artifactId>octet-more</artifactId>", "<artifactId>octet-less</artifactId>",
        "octet-bom-1.0.pom: dev.octet:octet-less is not published with it",
        "octet-bom-1.0.pom: dev.octet:octet-more, which is published with it, is missing");
    pom(BOM, "<artifactId>octet-more</artifactId>", "<artifactId>octet-more</artifactId><version>1.0</version></dependency>"
        + "<dependency><groupId>org.other</groupId><artifactId>other</artifactId><version>2.3-SNAPSHOT</version></dependency>"
        + "<dependency><groupId>dev.octet</groupId><artifactId>octet-more</artifactId>",
        "octet-bom-1.0.pom: dependency org.other:other 2.3-SNAPSHOT is a snapshot");
    pom(PARENT, "<project.build.outputTimestamp>2025-01-01T00:00:00Z</project.build.outputTimestamp>", "",
        "octet-1.0.pom: property project.build.outputTimestamp: expected a time",
        "octet-more-1.0.pom: property project.build.outputTimestamp: expected a time");
    pom(MORE, "<version>1.0</version></parent>", "<version>0.9</version></parent><version>1.0</version>",
        "octet-more-1.0.pom: parent dev.octet:octet-parent: expected version 1.0, got 0.9");
    pom(MORE, "<artifactId>octet-more</artifactId>", "<artifactId>octet-more</artifactId><version>${revision}</version>",
        "octet-bom-1.0.pom: dependency dev.octet:octet-more: expected version ${revision} of what is published with it",
        "octet-more-1.0.pom: groupId, artifactId and version have to be plain texts, got \"${revision}\"",
        "octet-more-1.0.pom: expected at ");
    pom(MORE, "<artifactId>octet-more</artifactId>", "<artifactId>octet-more</artifactId><version>1.0-SNAPSHOT</version>",
        "octet-bom-1.0.pom: dependency dev.octet:octet-more: expected version 1.0-SNAPSHOT of what is published with it",
        "octet-more-1.0.pom: version 1.0-SNAPSHOT is a snapshot: Maven Central takes releases only",
        "octet-more-1.0.pom: expected at ");
    pom(PARENT, "</project>", "", "octet-parent-1.0.pom is no POM: ",
        "octet-1.0.pom: parent dev.octet:octet-parent is not published with it",
        "octet-more-1.0.pom: parent dev.octet:octet-parent is not published with it",
        "octet-parent-1.0.pom belongs to no artifact that is published");
    pom(MORE, "<parent><groupId>dev.octet</groupId><artifactId>octet-parent</artifactId>",
        "<parent><groupId>dev.octet</groupId><artifactId>octet-root</artifactId>",
        "octet-more-1.0.pom: parent dev.octet:octet-root is not published with it");
    expect(List.of("no BOM: expected an artifact of packaging pom whose name ends in -bom"), release -> {
      for (Path file : FileRules.files(release.resolve(BOM).getParent())) {
        Files.delete(file);
      }
    });
  }

  private void files() throws Exception {
    for (String suffix : List.of(".jar", "-sources.jar", "-javadoc.jar")) {
      expect(List.of("octet-1.0" + suffix + " is missing, which Maven Central requires"), release -> {
        for (String companion : List.of("", ".asc", ".md5", ".sha1")) {
          Files.delete(release.resolve(OCTET.resolveSibling("octet-1.0" + suffix + companion)));
        }
      });
    }
    for (String companion : List.of(".asc", ".md5", ".sha1")) {
      expect(List.of("octet-1.0.jar" + companion + " is missing, which Maven Central requires"),
          release -> Files.delete(release.resolve(JAR + companion)));
    }
    expect(List.of("octet-1.0.jar.md5: expected ", "octet-1.0.jar.sha1: expected ",
        "octet-1.0.jar.asc is no signature of octet-1.0.jar: gpg: "),
        release -> Files.write(release.resolve(JAR), jar(with("META-INF/other", "changed"))));
    expect(List.of("octet-1.0-tests.jar.asc is there, but octet-1.0-tests.jar is not"),
        release -> Files.writeString(release.resolve(JAR.resolveSibling("octet-1.0-tests.jar.asc")), "signature"));
    expect(List.of("octet-1.0-tests.jar: expected .pom or one of [.jar, -sources.jar, -javadoc.jar] after octet-1.0, "
        + "got -tests.jar"),
        release -> write(release.resolve(JAR.resolveSibling("octet-1.0-tests.jar")), jar(entries())));
    expect(List.of("maven-metadata.xml belongs to no artifact that is published"),
        release -> Files.writeString(release.resolve("dev/octet/octet/maven-metadata.xml"), "<metadata/>"));
    expect(List.of("oktet-1.0.jar belongs to no artifact that is published", "oktet-1.0.jar is no jar: "),
        release -> Files.writeString(release.resolve(JAR.resolveSibling("oktet-1.0.jar")), "typed"));
    check(List.of("none: expected a repository, which is a folder"),
        CheckRelease.ofRepository(Path.of("none"), PLATFORMS));
  }

  private void jars() throws Exception {
    inJar(entries -> entries.remove("META-INF/NOTICE"), "octet-1.0.jar: no META-INF/NOTICE");
    inJar(entries -> entries.remove("dev/octet/Octet.class"), "octet-1.0.jar: nothing but META-INF");
    inJar(entries -> entries.remove("META-INF/native/linux-aarch64/liboctet.so"),
        "octet-1.0.jar: expected one library in META-INF/native/linux-aarch64, got []");
    inJar(entries -> entries.put("META-INF/native/linux-aarch64/another.so", "machine code"),
        "octet-1.0.jar: expected one library in META-INF/native/linux-aarch64, got [META-INF");
    inJar(entries -> entries.put("META-INF/native/linux-x86_64/liboctet.so", "other code"),
        "octet-1.0.jar: META-INF/native/linux-x86_64/liboctet.so.sha256: expected ");
    inJar(entries -> entries.remove("META-INF/native/linux-x86_64/liboctet.so.abi"),
        "octet-1.0.jar: META-INF/native/linux-x86_64/liboctet.so.abi: expected a number, got \"nothing\"");
    expect(List.of("octet-1.0.jar: META-INF/LICENSE: expected the time 2024-12-31T00:00 of project.build.outputTimestamp, "
        + "got 2025-01-01T00:00", "octet-1.0-javadoc.jar: META-INF/LICENSE", "octet-1.0-sources.jar: META-INF/LICENSE",
        "octet-more-1.0.jar: ", "octet-more-1.0-javadoc.jar: ", "octet-more-1.0-sources.jar: "),
        release -> write(release.resolve(PARENT),
            Files.readString(release.resolve(PARENT)).replace("2025-01-01T", "2024-12-31T").getBytes()));
  }

  /** In sources versions may be snapshots, but not those of others. */
  private void sources() throws Exception {
    List<Path> files = List.of(PARENT, BOM, OCTET, MORE);
    for (Path file : files) {
      write(work.resolve("sources").resolve(file),
          Files.readString(work.resolve("good").resolve(file)).replace("1.0", "1.0-SNAPSHOT").getBytes());
    }
    List<Path> sources = files.stream().map(work.resolve("sources")::resolve).toList();
    check(List.of(), CheckRelease.ofPoms(sources));
    Path more = sources.getLast();
    Files.writeString(more, Files.readString(more).replace("2.3", "2.3-SNAPSHOT"));
    check(List.of("octet-more-1.0.pom: dependency org.other:other 2.3-SNAPSHOT is a snapshot"),
        CheckRelease.ofPoms(sources));
    check(List.of("octet-bom-1.0.pom: dev.octet:octet-more is not published with it"),
        CheckRelease.ofPoms(sources.subList(0, 3)));
  }

  @FunctionalInterface
  private interface Break {
    void of(Path release) throws Exception;
  }

  private void pom(Path pom, String text, String instead, String... said) throws Exception {
    expect(List.of(said), release -> {
      String before = Files.readString(release.resolve(pom));
      if (!before.contains(text)) {
        throw new AssertionError(pom + " has no " + text);
      }
      write(release.resolve(pom), before.replace(text, instead).getBytes());
    });
  }

  private void inJar(Consumer<Map<String, String>> change, String said) throws Exception {
    Map<String, String> entries = entries();
    change.accept(entries);
    expect(List.of(said), release -> write(release.resolve(JAR), jar(entries)));
  }

  /** Breaks a copy of the good release, and expects one violation for each text, which it contains. */
  private void expect(List<String> said, Break breaking) throws Exception {
    Path release = work.resolve("case" + cases);
    for (Path file : FileRules.files(work.resolve("good"))) {
      Path copy = release.resolve(work.resolve("good").relativize(file));
      Files.createDirectories(copy.getParent());
      Files.copy(file, copy);
    }
    breaking.of(release);
    check(said, CheckRelease.ofRepository(release, PLATFORMS));
  }

  private void check(List<String> said, List<String> violations) {
    cases++;
    List<String> open = new ArrayList<>(violations);
    for (String text : said) {
      String found = open.stream().filter(violation -> violation.contains(text)).findFirst()
          .orElseThrow(() -> new AssertionError("expected \"" + text + "\", got " + violations));
      open.remove(found);
    }
    if (!open.isEmpty()) {
      throw new AssertionError("expected nothing but " + said + ", got " + open);
    }
  }

  private void makeGood() throws Exception {
    String about = "<description>Versions</description><url>https://octet.dev</url>"
        + "<licenses><license><name>Apache-2.0</name><url>https://apache.org</url></license></licenses>"
        + "<developers><developer><name>Us</name></developer></developers>"
        + "<scm><connection>scm:git:octet</connection><url>https://octet.dev/scm</url></scm>";
    String own = "<groupId>dev.octet</groupId><artifactId>%s</artifactId><version>1.0</version>";
    String dependency = "<dependency><groupId>dev.octet</groupId><artifactId>%s</artifactId>%s</dependency>";
    String version = "<version>${project.version}</version>";
    String parent = "<parent>" + own.formatted("octet-parent") + "</parent>";
    Path good = work.resolve("good");
    project(good.resolve(PARENT), own.formatted("octet-parent") + "<packaging>pom</packaging><name>Parent</name>" + about
        + "<properties><project.build.outputTimestamp>2025-01-01T00:00:00Z</project.build.outputTimestamp></properties>"
        + "<dependencyManagement><dependencies>" + dependency.formatted("octet", version)
        + "</dependencies></dependencyManagement>");
    project(good.resolve(BOM), own.formatted("octet-bom") + "<packaging>pom</packaging><name>BOM</name>" + about
        + "<dependencyManagement><dependencies>" + dependency.formatted("octet", version)
        + dependency.formatted("octet-more", version) + "</dependencies></dependencyManagement>");
    project(good.resolve(OCTET), parent + "<artifactId>octet</artifactId><name>Octet</name>");
    project(good.resolve(MORE), parent + "<artifactId>octet-more</artifactId><name>More</name><dependencies>"
        + dependency.formatted("octet", "") + "<dependency><groupId>org.other</groupId><artifactId>other</artifactId>"
        + "<version>2.3</version></dependency></dependencies>");
    for (Path pom : List.of(OCTET, MORE)) {
      String name = pom.getFileName().toString();
      for (String suffix : List.of(".jar", "-sources.jar", "-javadoc.jar")) {
        write(good.resolve(pom.resolveSibling(name.substring(0, name.length() - 4) + suffix)), jar(entries()));
      }
    }
  }

  private static void project(Path file, String content) throws Exception {
    write(file, ("<project>" + content + "</project>").getBytes());
  }

  /** Writes a file, its checksums and its signature. */
  private static void write(Path file, byte[] content) throws Exception {
    Files.createDirectories(file.getParent());
    Files.write(file, content);
    Files.writeString(Path.of(file + ".md5"), FileRules.hash("MD5", content));
    Files.writeString(Path.of(file + ".sha1"), FileRules.hash("SHA-1", content));
    int status = new ProcessBuilder("gpg", "--batch", "--quiet", "--yes", "--armor", "--detach-sign", file.toString())
        .inheritIO().start().waitFor();
    if (status != 0) {
      throw new AssertionError("gpg ended with " + status);
    }
  }

  private static Map<String, String> entries() throws Exception {
    Map<String, String> entries = new LinkedHashMap<>();
    entries.put("META-INF/LICENSE", "licence");
    entries.put("META-INF/NOTICE", "notice");
    entries.put("dev/octet/Octet.class", "class");
    for (String platform : PLATFORMS) {
      String library = "META-INF/native/" + platform + "/liboctet.so";
      entries.put(library, "machine code");
      entries.put(library + ".sha256", FileRules.hash("SHA-256", "machine code".getBytes()));
      entries.put(library + ".abi", "1");
    }
    return entries;
  }

  private static Map<String, String> with(String name, String content) throws Exception {
    Map<String, String> entries = entries();
    entries.put(name, content);
    return entries;
  }

  private static byte[] jar(Map<String, String> entries) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, String> entry : entries.entrySet()) {
        ZipEntry written = new ZipEntry(entry.getKey());
        written.setTimeLocal(LocalDateTime.of(2025, 1, 1, 0, 0));
        zip.putNextEntry(written);
        zip.write(entry.getValue().getBytes());
      }
    }
    return bytes.toByteArray();
  }
}
