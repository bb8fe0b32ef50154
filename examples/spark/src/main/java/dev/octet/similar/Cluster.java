package dev.octet.similar;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.sql.SparkSession;

/** A cluster on this machine, of the jars of the class path: two executors, each a JVM with one core. */
final class Cluster {
  /** What executors of Spark are told of, where it comes from: no installation. */
  private static final String SPARK_HOME = "SPARK_HOME";

  private Cluster() {}

  /** Whether this JVM can be the driver. */
  static boolean isPrepared() {
    return System.getenv(SPARK_HOME) != null;
  }

  /**
   * Runs a program once more, as the driver: in an environment and with flags that a JVM cannot give itself.
   *
   * @param folder a SPARK_HOME is made there, of links to the jars of the class path
   * @param program its class
   * @param arguments of the program
   * @return its exit code
   */
  static int runAsDriver(Path folder, Class<?> program, String... arguments)
      throws IOException, InterruptedException {
    Path jars = Files.createDirectories(folder.toAbsolutePath().resolve("jars"));
    try (var links = Files.newDirectoryStream(jars)) {
      for (Path link : links) {
        Files.delete(link);
      }
    }
    for (Path entry : classPath()) {
      if (Files.isRegularFile(entry)) {
        Files.createSymbolicLink(jars.resolve(entry.getFileName()), entry);
      }
    }
    String home = System.getProperty("java.home");
    List<String> command = new ArrayList<>(List.of(Path.of(home, "bin", "java").toString()));
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ", -1)));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder driver = new ProcessBuilder(command).inheritIO();
    driver.environment().putAll(Map.of(SPARK_HOME, jars.getParent().toString(), "JAVA_HOME", home,
        "SPARK_SCALA_VERSION", "2.13", "SPARK_LOCAL_IP", "127.0.0.1"));
    return driver.start().waitFor();
  }

  private static List<Path> classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(entry -> Path.of(entry).toAbsolutePath()).toList();
  }

  static SparkSession start() {
    // folders of classes, which links to jars leave out
    String folders = classPath().stream().filter(Files::isDirectory).map(Path::toString)
        .collect(Collectors.joining(File.pathSeparator));
    String home = System.getenv(SPARK_HOME);
    return SparkSession.builder().master("local-cluster[2,1,1024]").appName("similar texts")
        .config("spark.ui.enabled", false).config("spark.driver.host", "127.0.0.1")
        .config("spark.executor.memory", "1g").config("spark.executor.extraClassPath", folders)
        .config("spark.local.dir", home + "/local")
        .config("spark.sql.warehouse.dir", home + "/warehouse").getOrCreate();
  }
}
