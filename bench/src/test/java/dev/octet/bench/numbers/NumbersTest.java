package dev.octet.bench.numbers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.bench.BenchFolder;
import dev.octet.bench.minilm.MiniLmShares;
import dev.octet.harness.report.Figure;
import dev.octet.harness.report.FiguresFile;
import dev.octet.harness.report.Measurement;
import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.report.RoundsFile;
import dev.octet.harness.report.TimeShares;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {
  private static final String TABLE_KEYS = "[[file, op], [cases, file, op], [by, file, op], [by, cases, file, op], "
      + "[file, topic], [file, topic, what], [file, limits]]";
  private static final Pattern FIGURE = Pattern.compile("[-+~<>]?\\d.{0,24}");

  private static RoundTimes times(String peer, String op, String shape, String form, double... micros) {
    return new RoundTimes(BenchCase.of(peer, op, shape, form, 1), "k", micros);
  }

  private static Path repository(Path folder, String readme, String... origin) throws IOException {
    new RoundsFile(List.of(origin), "", List.of(
        times("limit", "matmul", "8x64x96", "u8s8s32", 1.9, 1.9, 1.9),
        times("octet-native", "matmul", "8x64x96", "u8s8s32", 2, 2, 2),
        times("onednn-c", "matmul", "8x64x96", "u8s8s32", 3, 4, 5),
        times("octet-native", "matmul", "8x64x96", "f32s4g32f32", 1234, 1234, 1234),
        times("ort", "matmul", "8x64x96", "f32s4g32f32", 24680, 24680, 24680),
        times("ort", "matmul", "8x64x96", "u8s8u8q", 5, 5, 5),
        times("octet-native", "conv", "n1_16x14x14_oc32_k3s2p1", "u8s8u8q", 22, 22, 22)))
        .write(folder.resolve("some/turns.csv"));
    new FiguresFile(List.of(origin), List.of(
        Figure.of("First result", "a JVM", "java", "main", "ms", 40),
        Figure.of("First result", "8x64x96", "ort", "first call", "us", 250, 100, 300),
        Figure.of("Threads", "8x64x96", "ort", "2 over 1", "times", 1.5)))
        .write(folder.resolve("some/turns-figures.csv"));
    Files.write(folder.resolve("some/limits.csv"),
        Stream.concat(Stream.of(origin).map(line -> "# " + line), Stream.of(Measurement.HEADER,
            "limit,dot,vpdpbusd-zmm,u8s8s32,1,649.617,472.89", "limit,fma,fma-zmm,f32,1,649.617,118.22",
            "limit,read,L1-prefetch,u8,1,24.023,34.76")).toList());
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

  @ParameterizedTest
  @ValueSource(strings = {"turns.csv op=matmul", "turns-figures.csv topic=first-result",
      "limits.csv limits=dot"})
  void quickRunsAreRefused(String words, @TempDir Path folder) throws IOException {
    Path readme = repository(folder, "<!-- numbers file=some/" + words + " -->\n<!-- /numbers -->\n",
        "CPU: some", "QUICK: few rounds");
    String message = assertThrows(IllegalArgumentException.class, () -> new Numbers(folder).updated(readme))
        .getMessage();
    assertTrue(message.startsWith("README.md:1: ") && message.endsWith(
        " is of a quick run, whose figures are not to be quoted: measure again without --quick"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"file=some/turns.csv case=matmul:8x64x96:u8s8s32 peer=onednn-c of=us",
      "file=some/turns-figures.csv topic=threads subject=8x64x96 peer=ort what=2-over-1"})
  void figuresOfQuickRunsAreRefused(String words, @TempDir Path folder) throws IOException {
    Path readme = repository(folder, "a <!-- figure " + words + " -->1<!-- /figure -->", "QUICK: few rounds");
    assertTrue(assertThrows(IllegalArgumentException.class, () -> new Numbers(folder).updated(readme))
        .getMessage().contains(" is of a quick run"));
  }

  @Test
  void figuresWithinALine(@TempDir Path folder) throws IOException {
    String line = "It takes <!-- figure file=some/turns.csv case=matmul:8x64x96:u8s8s32 peer=octet-native of=us -->%s"
        + "<!-- /figure --> us, <!-- figure file=some/turns.csv case=matmul:8x64x96:u8s8s32 peer=octet-native "
        + "of=limit -->%s<!-- /figure --> of the limit, oneDNN <!-- figure file=some/turns.csv "
        + "case=matmul:8x64x96:u8s8s32 peer=onednn-c of=octet -->%s<!-- /figure --> times as long; starts take "
        + "<!-- figure file=some/turns-figures.csv topic=first-result subject=8x64x96 peer=ort what=first-call -->"
        + "%s<!-- /figure --> us.\n";
    Path readme = repository(folder, String.format(line, "1", "", "old", "x and y"));
    assertEquals(String.format(line, "2.00", "0.95", "2.00*", "250*"), new Numbers(folder).updated(readme));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "<!-- figure file=some/turns.csv --> | expected \"<!-- figure ... -->FIGURE<!-- /figure -->\" within the line, got \"<!-- figure file=some/turns.csv -->\"",
      "1<!-- /figure --> | expected \"<!-- figure ... -->FIGURE<!-- /figure -->\" within the line, got \"1<!-- /figure -->\"",
      "<!-- figure file=some/turns.csv -->1<!-- /figure --> | expected the keys of one of [[file, peer, subject, topic, what], [case, file, of, peer]], got \"file=some/turns.csv\"",
      "<!-- figure file=some/turns.csv case=matmul:8x64x96 peer=ort of=us -->1<!-- /figure --> | case: expected op:shape:dtype, got \"matmul:8x64x96\"",
      "<!-- figure file=some/turns.csv case=matmul:8x64x96:u8s8s32 peer=mkl of=us -->1<!-- /figure --> | mkl matmul 8x64x96 u8s8s32 1 thread was not measured",
      "<!-- figure file=some/turns.csv case=matmul:8x64x96:f32s4g32f32 peer=ort of=limit -->1<!-- /figure --> | ort matmul 8x64x96 f32s4g32f32 1 thread has no ratio to limit, which was not measured beside it",
      "<!-- figure file=some/turns.csv case=matmul:8x64x96:u8s8u8q peer=ort of=octet -->1<!-- /figure --> | ort matmul 8x64x96 u8s8u8q 1 thread has no ratio to octet-native, which was not measured beside it",
      "<!-- figure file=some/turns.csv case=matmul:8x64x96:u8s8s32 peer=onednn-c of=it -->1<!-- /figure --> | of: expected us, limit or octet, got \"it\""})
  void figuresThatAreNotUnderstoodAreNamed(String line, String message, @TempDir Path folder)
      throws IOException {
    Path readme = repository(folder, "\n" + line + "\n");
    assertEquals("README.md:2: " + message,
        assertThrows(IllegalArgumentException.class, () -> new Numbers(folder).updated(readme)).getMessage());
  }

  @Test
  void figuresThatAreNotThereAreNamed(@TempDir Path folder) throws IOException {
    Path readme = repository(folder,
        "<!-- figure file=some/turns-figures.csv topic=a subject=b peer=c what=d -->1<!-- /figure -->");
    assertTrue(assertThrows(IllegalArgumentException.class, () -> new Numbers(folder).updated(readme))
        .getMessage().matches("README.md:1: expected one figure of \\{.*topic=a.*\\}, got 0"));
  }

  @Test
  void limitsAreTables(@TempDir Path folder) throws IOException {
    Path readme = repository(folder, """
        <!-- numbers file=some/limits.csv limits=dot,read -->
        <!-- /numbers -->
        """);
    assertEquals("""
        <!-- numbers file=some/limits.csv limits=dot,read -->
        | | |
        |---|---|
        | 8-bit products, vpdpbusd zmm | 473 GOPS |
        | reading L1 prefetch | 34.8 GB/s |
        <!-- /numbers -->
        """, new Numbers(folder).updated(readme));
  }

  /** Every table that has a figure in it is made of results. */
  @Test
  void noFigureIsTyped() throws IOException {
    Path root = BenchFolder.shapes().resolve("../..").normalize();
    for (String document : List.of("README.md", "docs/numbers.md")) {
      assertEquals(List.of(), typed(document, Files.readAllLines(root.resolve(document))));
    }
  }

  @Test
  void whatIsTypedIsFound() {
    List<String> lines = """
        # A
        | what | since |
        |---|---|
        | Java 25 | a JDK that is 1 year old and lies somewhere |
        <!-- numbers file=a op=matmul -->
        | | us |
        |---|---|
        | a | 5.5 |
        <!-- /numbers -->
        | | us |
        |---|---|
        | a | ~1,234 to 1,300 |
        ## B
        | | us |
        |---|---|
        | b | 1.2* |
        """.lines().toList();
    assertEquals(List.of("a.md:12: | a | ~1,234 to 1,300 |", "a.md:16: | b | 1.2* |"),
        typed("a.md", lines));
  }

  /** Rows outside of marks with a cell that is a number, and a few words at most. */
  private static List<String> typed(String document, List<String> lines) {
    List<String> typed = new ArrayList<>();
    boolean made = false;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      made = line.startsWith("<!-- numbers ") || (made && !line.equals("<!-- /numbers -->"));
      if (!made && line.startsWith("|")
          && Stream.of(line.split("\\|", -1)).anyMatch(cell -> FIGURE.matcher(cell.strip()).matches())) {
        typed.add(document + ":" + (i + 1) + ": " + line);
      }
    }
    return typed;
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

  @Test
  void anotherPeerThanNativeIsTheMeasure(@TempDir Path folder) throws IOException {
    Path readme = repository(folder, """
        <!-- numbers file=some/engines.csv op=matmul by=octet-vector -->
        <!-- /numbers -->
        <!-- numbers file=some/engines.csv op=matmul cases=8x64x96:f32 by=java-f32 -->
        <!-- /numbers -->
        """);
    new RoundsFile(List.of(), "", List.of(
        times("limit", "matmul", "8x64x96", "u8s8s32", 2, 2, 2),
        times("octet-native", "matmul", "8x64x96", "u8s8s32", 2.5, 2.5, 2.5),
        times("octet-vector", "matmul", "8x64x96", "u8s8s32", 10, 10, 10),
        times("octet-onednn", "matmul", "8x64x96", "u8s8s32", 4, 4, 4),
        times("java-widening", "matmul", "8x64x96", "u8s8s32", 30, 30, 60),
        times("java-loop", "matmul", "8x64x96", "u8s8s32", 200, 200, 200),
        times("java-f32", "matmul", "8x64x96", "f32", 20, 20, 20),
        times("octet-onednn", "matmul", "8x64x96", "f32", 8, 8, 8)))
        .write(folder.resolve("some/engines.csv"));
    assertEquals("""
        <!-- numbers file=some/engines.csv op=matmul by=octet-vector -->
        | | us | share of the limit | NATIVE | ONEDNN | widening, Vector API | plain loop |
        |---|---|---|---|---|---|---|
        | 8x64x96, u8 x s8 -> s32 | 10.0 | 0.20 | 0.25 | 0.40 | 3.00* | 20 |
        <!-- /numbers -->
        <!-- numbers file=some/engines.csv op=matmul cases=8x64x96:f32 by=java-f32 -->
        | | us | share of the limit | ONEDNN |
        |---|---|---|---|
        | 8x64x96, f32 | 20.0 | - | 0.40 |
        <!-- /numbers -->
        """, new Numbers(folder).updated(readme));
  }

  @Test
  void aQuantityHasAColumnForEachPeer(@TempDir Path folder) throws IOException {
    Path readme = repository(folder, """
        <!-- numbers file=some/networks-figures.csv topic=whole-networks what=a-run -->
        <!-- /numbers -->
        """);
    new FiguresFile(List.of(), List.of(
        Figure.of("Whole networks", "small", "ort-fp32", "a run", "ms", 7),
        Figure.of("Whole networks", "small", "octet-native", "a run", "ms", 1, 2, 2.5),
        Figure.of("Whole networks", "small", "octet-native", "over ort-fp32", "times", 3.5),
        Figure.of("Whole networks", "large", "octet-native", "a run", "ms", 30)))
        .write(folder.resolve("some/networks-figures.csv"));
    assertEquals("""
        <!-- numbers file=some/networks-figures.csv topic=whole-networks what=a-run -->
        | a run, ms | ONNX Runtime FP32 | NATIVE |
        |---|---|---|
        | small | 7.00 | 2.00* |
        | large | - | 30.0 |
        <!-- /numbers -->
        """, new Numbers(folder).updated(readme));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "file=some/turns.csv op=matmul | no line <!-- /numbers --> after it",
      "file=some/turns.csv | expected the keys of one of %s, got \"file=some/turns.csv\"",
      "op=matmul | expected the keys of one of %s, got \"op=matmul\"",
      "file=some/turns.csv op=matmul colour=red | expected the keys of one of %s, got \"file=some/turns.csv op=matmul colour=red\"",
      "file=some/turns-figures.csv topic=a op=matmul | expected the keys of one of %s, got \"file=some/turns-figures.csv topic=a op=matmul\"",
      "file=some/turns.csv matmul | expected key=value, got \"matmul\"",
      "file=some/limits.csv limits=dot,call | limits of dot,call: expected dot, fma or read, each in limits.csv",
      "file=some/turns-figures.csv topic=starts | no figures of starts in turns-figures.csv, expected one of [first-result, threads]",
      "file=some/turns-figures.csv topic=threads what=3-over-1 | nothing of threads is 3-over-1, expected one of [2-over-1]",
      "file=some/turns.csv op=matmul by=ort-u8 | ort-u8 was not measured at matmul",
      "file=some/turns.csv op=matmul by=nobody | peer \"nobody\": expected one of %p",
      "file=some/turns.csv op=matmull | octet-native was not measured at matmull",
      "file=some/turns.csv op=matmul cases=9x9x9:f32 | octet-native was not measured at 9x9x9:f32"})
  void whatIsNotUnderstoodIsNamed(String words, String message, @TempDir Path folder) throws IOException {
    Path readme = repository(folder, "\n<!-- numbers " + words + " -->\n");
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
        () -> new Numbers(folder).updated(readme));
    assertEquals("README.md:2: " + message.replace("%s", TABLE_KEYS).replace("%p", Peer.values().toString()),
        e.getMessage());
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
