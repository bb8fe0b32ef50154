package dev.octet.internal.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.EngineProvider;
import dev.octet.testing.ChildJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Providers on the class path, in a JVM of their own: one that all tests could see would disturb them. */
class ProvidersTest {
  /** Engine NATIVE would come before the providers that are tested. */
  private static final String NO_NATIVE = "-Doctet.library.path=/nowhere";

  @TempDir
  private Path directory;

  /** Found by its name in a service file. */
  public static final class Provider implements EngineProvider {
    @Override
    public Engine engine() {
      return Engine.ONEDNN;
    }

    @Override
    public Backend open(BackendContext context) {
      return () -> "found on the class path";
    }
  }

  /** Prints the report of an Octet. */
  static final class Report {
    private Report() {}

    public static void main(String[] args) {
      try (Octet octet = Octet.open()) {
        System.out.print(octet.report());
      }
    }
  }

  private String report(String serviceFile, String... options) throws IOException {
    Path file = directory.resolve("META-INF/services/" + EngineProvider.class.getName());
    Files.createDirectories(file.getParent());
    Files.writeString(file, serviceFile);
    ChildJvm.Result result = ChildJvm.of(Report.class,
        Stream.concat(Stream.of("-Xbootclasspath/a:" + directory, NO_NATIVE), Stream.of(options)).toList(),
        List.of(Octet.class)).run();
    if (options.length == 0) {
      assertEquals(0, result.exit(), result.output());
    }
    return result.output();
  }

  @Test
  void aProviderOnTheClassPathIsFound() throws IOException {
    String report = report(Provider.class.getName());
    assertTrue(report.contains("ONEDNN: in use: found on the class path\n"), report);
  }

  /** ServiceLoader does not read the service file of a jar in such a folder. */
  @Test
  void aProviderInAJarInAFolderWithAnExclamationMarkIsFound() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("wow!"));
    Path jar = folder.resolve("provider.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry("META-INF/services/" + EngineProvider.class.getName()));
      out.write(("# the engine\n" + Provider.class.getName() + " # of this test\n")
          .getBytes(StandardCharsets.UTF_8));
    }
    ChildJvm.Result result = ChildJvm
        .of(Report.class, List.of("-Xbootclasspath/a:" + jar, NO_NATIVE), List.of(Octet.class)).run();
    assertTrue(result.output().contains("ONEDNN: in use: found on the class path\n"), result.output());
    assertFalse(result.output().contains("ServiceConfigurationError"), result.output());
  }

  @Test
  void aServiceFileThatNamesNoClassIsTold() throws IOException {
    String report = report("dev.octet.onednn.Nowhere");
    assertTrue(report.contains("ONEDNN: not available: no provider could be loaded: "
        + "java.util.ServiceConfigurationError: dev.octet.engine.EngineProvider: Provider dev.octet.onednn.Nowhere not found"),
        report);
    assertTrue(report.contains("VECTOR: in use: "), report);
    String forced = report("dev.octet.onednn.Nowhere", "-Doctet.engine=onednn");
    assertTrue(
        forced.contains("UnsupportedOperationException: engine ONEDNN, asked for by -Doctet.engine=onednn, "
            + "is not available: no provider could be loaded"),
        forced);
    assertTrue(forced.contains("Caused by: java.util.ServiceConfigurationError"), forced);
  }

  @Test
  void nativeAccessThatIsMissingIsTold() {
    ChildJvm.Result result = ChildJvm.of(Report.class, List.of(), List.of(Octet.class)).withoutNativeAccess()
        .run();
    assertEquals(0, result.exit(), result.output());
    assertTrue(result.output().contains(
        "native access: not enabled; start Java with --enable-native-access=ALL-UNNAMED\n"), result.output());
  }
}
