package dev.octet.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import dev.octet.langchain4j.EmbeddingArtifact;
import dev.octet.testing.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A JVM whose native library cannot be unpacked runs tasks on VECTOR, says so, and makes the same vectors.
 */
class WithoutNativeTest {
  private static final List<String> TEXTS = List.of("a cat", "the moon over the river",
      "a central bank raises its interest rate by half a percent");

  @Test
  void tasksRunVectorAndCountIt(@TempDir Path folder) throws IOException {
    Path noFolder = Files.createFile(folder.resolve("file"));
    List<String> options = new ArrayList<>(
        List.of(JavaModuleOptions.defaultModuleOptions().split(" ", -1)));
    options.add("-Doctet.cache=" + noFolder);
    ChildJvm.Result result = ChildJvm.of(Embeds.class, options, List.of(), folder.toString())
        .withClassPath(sparkAndJarsOfDocument()).run();
    assertEquals(0, result.exit(), result.output());
    List<String> lines = result.output().lines().filter(line -> line.startsWith("child: ")).toList();
    assertEquals("child: {driver: VECTOR=3}", lines.get(0), result.output());
    if (hasNative()) { // else a build without a C compiler, which says that
      assertTrue(lines.get(1).contains(noFolder + " is a file"), "the report says why: " + lines.get(1));
    }
    assertEquals("child: " + vectors(LocalSpark.session(), SparkCounters.register(LocalSpark.session())),
        lines.get(2));
  }

  /** What an executor has that was given the jars of docs/scale-out.md: nothing else of the module's own. */
  private static String sparkAndJarsOfDocument() {
    Map<String, String> classPath = ExecutorJars.ofTests();
    Set<String> own = new HashSet<>(ExecutorJars.ofRuntime().keySet());
    own.removeAll(ExecutorJars.ofDocument());
    classPath.keySet().removeIf(jar -> own.contains(jar) && !SparkProjectDocTest.isOfSpark(jar));
    return String.join(File.pathSeparator, classPath.values());
  }

  private static boolean hasNative() {
    try (Octet octet = Octet.builder().threads(1).open()) {
      return octet.engines().stream().filter(EngineStatus::available)
          .anyMatch(status -> status.engine() == Engine.NATIVE);
    }
  }

  private static String vectors(SparkSession spark, SparkCounters counters) {
    Dataset<Row> rows = spark.createDataset(TEXTS, Encoders.STRING()).toDF("text");
    return SparkEmbeddings.of(EmbeddingArtifact.ALL_MINILM_L6_V2_Q)
        .transform(rows, "text", "vector", counters).collectAsList().stream()
        .map(row -> row.getList(1).hashCode() + " of " + row.getList(1).get(0)).toList().toString();
  }

  /** The child: an application of Spark whose tasks run in its JVM. */
  static final class Embeds {
    private Embeds() {}

    public static void main(String[] args) throws IOException {
      try (SparkSession spark = SparkSession.builder().master("local[1]")
          .config("spark.ui.enabled", false).config("spark.driver.host", "127.0.0.1")
          .config("spark.driver.bindAddress", "127.0.0.1").config("spark.local.dir", args[0])
          .config("spark.sql.warehouse.dir", Path.of(args[0]).toUri().toString()).getOrCreate();
          Octet octet = Octet.open()) {
        SparkCounters counters = SparkCounters.register(spark);
        String vectors = vectors(spark, counters);
        System.out.println("child: " + counters.engines());
        System.out.println("child: " + octet.report().replace('\n', ' '));
        System.out.println("child: " + vectors);
      }
    }
  }
}
