package dev.octet.bench.minilm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.bench.usage.WrongUsage;
import dev.octet.harness.report.Figure;
import dev.octet.minilm.Encoder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MiniLmDemoTest {
  @Test
  void wrongOptionsAreALine(@TempDir Path folder) {
    assertEquals("--threads: expected numbers from 1 to 32768, got 0", wrong("--threads", "0"));
    assertEquals("--seconds: expected more than 0 and up to 86400, got 0.0", wrong("--seconds", "0"));
    assertEquals("--json: expected a file that can be written, got " + folder,
        wrong("--json", folder.toString()));
    assertEquals("--out: expected a file that can be written, got " + folder,
        wrong("--out", folder.toString()));
  }

  @Test
  void ratiosAreThoseOfCallsNextToEachOther() {
    Map<Encoder, double[]> times = new LinkedHashMap<>();
    times.put(new Named("ort-fp32"), new double[]{8e6, 12e6, 10e6});
    times.put(new Named("octet-native"), new double[]{2e6, 4e6, 2.5e6, 3e6});
    times.put(new Named("octet-scalar"), new double[]{2e9});
    List<Figure> figures = MiniLmDemo.figures("16 tokens batch 2", 2, times);
    assertEquals(List.of("ort-fp32 a sentence 5.00 [4.00 6.00] ms",
        "octet-native a sentence 1.50 [1.00 2.00] ms", "octet-native over ort-fp32 4.00 [3.00 4.00] times",
        "octet-scalar a sentence 1000 ms"),
        figures.stream().map(
            figure -> String.join(" ", figure.peer(), figure.what(), figure.text(), figure.unit())).toList());
  }

  /** Its name is all that it has. */
  private record Named(String name) implements Encoder {
    @Override
    public double weightMegabytes() {
      return 0;
    }

    @Override
    public float[][] embed(int[][] sentences) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  private static String wrong(String... args) {
    return WrongUsage.of(MiniLmDemo.commandLine(), "ci/demo", args);
  }
}
