package dev.octet.bench.numbers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.bench.BenchFolder;
import dev.octet.bench.minilm.MiniLmShares;
import dev.octet.bench.report.Figure;
import dev.octet.bench.report.FiguresFile;
import dev.octet.bench.report.RoundTimes;
import dev.octet.bench.report.RoundsFile;
import dev.octet.bench.report.TimeShares;
import dev.octet.bench.shape.BenchCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {
  private static RoundTimes times(String peer, String op, String shape, String form, double... micros) {
    return new RoundTimes(BenchCase.of(peer, op, shape, form, 1), "k", micros);
  }

  private static Path repository(Path folder, String readme) throws IOException {
    new RoundsFile(List.of(), "", List.of(
        times("limit", "matmul", "8x64x96", "u8s8s32", 1.9, 1.9, 1.9),
        times("octet-native", "matmul", "8x64x96", "u8s8s32", 2, 2, 2),
        times("onednn-c", "matmul", "8x64x96", "u8s8s32", 3, 4, 5),
        times("octet-native", "matmul", "8x64x96", "f32s4g32f32", 1234, 1234, 1234),
        times("ort", "matmul", "8x64x96", "f32s4g32f32", 24680, 24680, 24680),
        times("octet-native", "conv", "n1_16x14x14_oc32_k3s2p1", "u8s8u8q", 22, 22, 22)))
        .write(folder.resolve("some/turns.csv"));
    new FiguresFile(List.of(), List.of(
        Figure.of("First result", "a JVM", "java", "main", "ms", 40),
        Figure.of("First result", "8x64x96", "ort", "first call", "us", 250, 100, 300),
        Figure.of("Threads", "8x64x96", "ort", "2 over 1", "times", 1.5)))
        .write(folder.resolve("some/turns-figures.csv"));
    Files.createDirectories(folder.resolve("docs"));
    Files.writeString(folder.resolve("docs/b.md"), "");
    Files.writeString(folder.resolve("docs/a.md"), "");
    Files.writeString(folder.resolve("docs/none.txt"), "");
    return Files.writeString(folder.resolve("README.md"), readme);
  }

  @Test
  void ourOwnDocumentsSayWhatTheResultsSay() throws IOException {
    Numbers numbers = new Numbers(BenchFolder.shapes().resolve("../..").normalize());
    int tables = 0;
    for (Path document : numbers.documents()) {
      String text = Files.readString(document);
      assertEquals(numbers.updated(document), text,
          document + " differs from the results that it names: ci/numbers writes the tables anew");
      tables += text.split("<!-- numbers ", -1).length - 1;
    }
    assertTrue(tables >= 3, "only " + tables + " tables are made of results");
  }

  @Test
  void tablesAreMadeAnewAndTheRestStays(@TempDir Path folder) throws IOException {
    Path readme = repository(folder,
        """
            before
            <!-- numbers file=some/turns.csv op=matmul -->
            anything
            <!-- /numbers -->
            between
            <!-- numbers file=some/turns.csv op=matmul,conv cases=n1_16x14x14_oc32_k3s2p1:u8s8u8q,8x64x96:u8s8s32 -->
            <!-- /numbers -->
            after""");
    Numbers numbers = new Numbers(folder);
    assertEquals(List.of("README.md", "a.md", "b.md"),
        numbers.documents().stream().map(file -> file.getFileName().toString()).toList());
    String expected = """
        before
        <!-- numbers file=some/turns.csv op=matmul -->
        | | us | share of the limit | oneDNN from C | ONNX Runtime |
        |---|---|---|---|---|
        | 8x64x96, u8 x s8 -> s32 | 2.00 | 0.95 | 2.00* | - |
        | 8x64x96, f32, rows quantized on the fly, x s4 in groups of 32 | 1,234 | - | - | 20 |
        <!-- /numbers -->
        between
        <!-- numbers file=some/turns.csv op=matmul,conv cases=n1_16x14x14_oc32_k3s2p1:u8s8u8q,8x64x96:u8s8s32 -->
        | | us | share of the limit | oneDNN from C |
        |---|---|---|---|
        | conv 14x14, 16 -> 32, 3x3 stride 2, u8 x s8 -> u8 | 22.0 | - | - |
        | 8x64x96, u8 x s8 -> s32 | 2.00 | 0.95 | 2.00* |
        <!-- /numbers -->
        after""";
    assertEquals(expected, numbers.updated(readme));
    Files.writeString(readme, expected);
    assertEquals(expected, numbers.updated(readme));
  }

  @Test
  void figuresAreTables(@TempDir Path folder) throws IOException {
    Path readme = repository(folder, """
        <!-- numbers file=some/turns-figures.csv topic=first-result -->
        <!-- /numbers -->
        """);
    assertEquals("""
        <!-- numbers file=some/turns-figures.csv topic=first-result -->
        | what | by whom | main, ms | first call, us |
        |---|---|---|---|
        | a JVM | java | 40.0 | - |
        | 8x64x96 | ort | - | 250 [100 300] |
        <!-- /numbers -->
        """, new Numbers(folder).updated(readme));
  }

  @Test
  void sharesAreTables(@TempDir Path folder) throws IOException {
    Path readme = repository(folder, """
        <!-- numbers file=some/figures.csv topic=where-the-time-of-a-transformer-goes -->
        <!-- /numbers -->
        """);
    TimeShares shares = new TimeShares();
    shares.add(Map.of("products", 3000.0));
    new FiguresFile(List.of(), shares.figures(MiniLmShares.TOPIC, "some model", "octet-native"))
        .write(folder.resolve("some/figures.csv"));
    assertEquals("""
        <!-- numbers file=some/figures.csv topic=where-the-time-of-a-transformer-goes -->
        | what | by whom | all, ms | products, % |
        |---|---|---|---|
        | some model | octet-native | 3.00 | 100.0 |
        <!-- /numbers -->
        """, new Numbers(folder).updated(readme));
  }

  @Test
  void lowerTiersAreColumns(@TempDir Path folder) throws IOException {
    Path readme = repository(folder, """
        <!-- numbers file=some/tiers.csv op=matmul -->
        <!-- /numbers -->
        """);
    new RoundsFile(List.of(), "", List.of(
        times("octet-native", "matmul", "8x64x96", "u8s8s32", 2, 2, 2),
        times("octet-avx2", "matmul", "8x64x96", "u8s8s32", 5, 5, 5)))
        .write(folder.resolve("some/tiers.csv"));
    assertEquals("""
        <!-- numbers file=some/tiers.csv op=matmul -->
        | | us | share of the limit | AVX2 |
        |---|---|---|---|
        | 8x64x96, u8 x s8 -> s32 | 2.00 | - | 2.50 |
        <!-- /numbers -->
        """, new Numbers(folder).updated(readme));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "file=some/turns.csv op=matmul | no line <!-- /numbers --> after it",
      "file=some/turns.csv | expected file=... and op=... or topic=..., got \"file=some/turns.csv\"",
      "op=matmul | expected file=... and op=... or topic=..., got \"op=matmul\"",
      "file=some/turns.csv op=matmul colour=red | expected key=value with keys of [file, op, cases, topic], got \"colour=red\"",
      "file=some/turns-figures.csv topic=a op=matmul | expected file=... and op=... or topic=..., got \"file=some/turns-figures.csv topic=a op=matmul\"",
      "file=some/turns-figures.csv topic=starts | no figures of starts in turns-figures.csv, expected one of [first-result, threads]",
      "file=some/turns.csv op=matmull | octet-native was not measured at matmull",
      "file=some/turns.csv op=matmul cases=9x9x9:f32 | octet-native was not measured at 9x9x9:f32"})
  void whatIsNotUnderstoodIsNamed(String words, String message, @TempDir Path folder) throws IOException {
    Path readme = repository(folder, "\n<!-- numbers " + words + " -->\n");
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
        () -> new Numbers(folder).updated(readme));
    assertEquals("README.md:2: " + message, e.getMessage());
  }

  @Test
  void aTableWithoutAnEndDoesNotTakeThatOfTheNextOne(@TempDir Path folder) throws IOException {
    Path readme = repository(folder, """
        <!-- numbers file=some/turns.csv op=matmul -->
        what is written here must stay
        <!-- numbers file=some/turns.csv op=conv -->
        <!-- /numbers -->
        """);
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
        () -> new Numbers(folder).updated(readme));
    assertEquals("README.md:1: no line <!-- /numbers --> after it", e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {" <!-- numbers file=some/turns.csv op=matmul -->",
      "<!--numbers file=some/turns.csv op=matmul -->", "<!-- Numbers file=some/turns.csv op=matmul -->",
      "<!-- number file=some/turns.csv op=matmul -->", "<!-- numbers file=some/turns.csv op=matmul --> ",
      "<!-- numbers file=some/turns.csv op=matmul -->\r", "<!-- /numbers -->", "<!-- / numbers -->"})
  void whatWasMeantToBeATableIsNamed(String line, @TempDir Path folder) throws IOException {
    Path readme = repository(folder, "\n" + line + "\n| 1 | 2 |\n");
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
        () -> new Numbers(folder).updated(readme));
    assertEquals("README.md:2: expected \"<!-- numbers ... -->\", and \"<!-- /numbers -->\" after a table, "
        + "alone on a line, got \"" + line + "\"", e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"matmul | 1x16x16 | f32 | 1x16x16, f32",
      "weightonly | 1x64x16 | f32s4g32f32 | 1x64x16, f32 x s4 in groups of 32",
      "batchmatmul | b12_128x32x128 | s8s8s32 | 12 times 128x32x128, s8 x s8 -> s32",
      "conv | n1_32x112x112_oc32_k3s1p1_dw | s8s8s8q | conv 112x112, 32 channels, depthwise 3x3, s8 x s8 -> s8",
      "maxpool | p1_64x112x112_k3s2p1 | u8u8 | max pool 112x112, 64 channels, 3x3 stride 2, u8 -> u8",
      "add | 2x3 | s8s8s8 | add 2x3, s8, s8 -> s8", "quantize | 2x3 | f32u8 | quantize 2x3, f32 -> u8"})
  void casesInWords(String op, String shape, String form, String words) {
    assertEquals(words, CaseWords.of(BenchCase.of("ort", op, shape, form, 1)));
  }
}
