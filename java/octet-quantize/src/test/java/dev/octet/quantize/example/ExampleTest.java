package dev.octet.quantize.example;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.testing.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the package shows compiles, runs and is what it shows. */
class ExampleTest {
  private static final String SOURCES = "java/octet-quantize/src/";

  @Test
  void thePackageShowsTheProgramThatIsCompiled() throws IOException {
    Path root = Repository.root();
    String source = Files
        .readString(root.resolve(SOURCES + "test/java/dev/octet/quantize/example/QuantizeNetwork.java"));
    String example = source.split(" *// EXAMPLE\n", -1)[1].stripTrailing().stripIndent();
    StringBuilder comment = new StringBuilder();
    for (String line : (example + "\n}").lines().toList()) {
      comment.append(line.isEmpty() ? " *" : " * " + line).append('\n');
    }
    String text = Files.readString(root.resolve(SOURCES + "main/java/dev/octet/quantize/package-info.java"));
    assertTrue(text.contains(comment),
        "package-info.java does not hold the program of QuantizeNetwork.java:\n"
            + comment);
  }

  @Test
  void theProgramRuns(@TempDir Path directory) throws IOException {
    Random random = new Random(1);
    Path file = directory.resolve("report.html");
    String text = QuantizeNetwork.run(gaussian(random, 64 * 32), gaussian(random, 64), gaussian(random, 640),
        gaussian(random, 10), List.of(gaussian(random, 32 * 8), gaussian(random, 32)), file);
    assertTrue(text.contains("(9 rows)") && text.endsWith("\n80"), text);
    assertTrue(Files.readString(file).startsWith("<!DOCTYPE html>"));
  }

  private static float[] gaussian(Random random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
