package dev.octet.bench.blocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.bench.usage.WrongUsage;
import dev.octet.harness.report.Figure;
import dev.octet.harness.report.FiguresFile;
import dev.octet.harness.report.Rounds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ci/llama on a small model; beside ggml where the property {@code octet.ggml} names its folder. */
class LlamaRunTest {
  @TempDir
  Path folder;

  private String run(String... options) {
    List<String> arguments = new ArrayList<>(
        List.of("--small", "--folder", folder.toString(), "--seconds", "0.05", "--out",
            folder.resolve("llama.csv").toString()));
    arguments.addAll(List.of(options));
    PrintStream console = System.out;
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
    try {
      assertEquals(0, LlamaRun.commandLine().execute(arguments.toArray(String[]::new)));
    } finally {
      System.setOut(console);
    }
    return output.toString(StandardCharsets.UTF_8);
  }

  @Test
  void wrongOptionsAreALine(@TempDir Path empty) {
    assertEquals("--threads: expected numbers from 1 to 32768, got 0", wrong("--threads", "0"));
    assertEquals("--seconds: expected more than 0 and up to 86400, got NaN", wrong("--seconds", "NaN"));
    assertEquals(
        "--ggml: expected a folder with libggml-base.so and libggml-cpu-*.so, which ci/peers fetches, "
            + "got " + empty,
        wrong("--ggml", empty.toString()));
  }

  private static String wrong(String... args) {
    return WrongUsage.of(LlamaRun.commandLine(), "ci/llama", args);
  }

  @Test
  void small() throws IOException {
    try (Octet octet = Octet.open()) {
      assumeTrue(octet.engines().stream().anyMatch(s -> s.engine() == Engine.NATIVE && s.available()),
          "skipped, no engine NATIVE");
    }
    String start = run("--start");
    assertTrue(start.startsWith("start: ") && start.lines().count() == 1, start);
    String ggml = System.getProperty("octet.ggml");
    String all = ggml == null ? run() : run("--ggml", ggml);
    for (String line : List.of("prompt of 128 tokens: ", "decode behind it: ", "memory: packed weights ",
        "  decode step ", "  its products ")) {
      assertTrue(all.contains(System.lineSeparator() + line), line + " in:\n" + all);
    }
    assertEquals(ggml != null, all.contains(System.lineSeparator() + "  ggml "), all);
    FiguresFile kept = FiguresFile.read(folder.resolve("llama.csv"));
    assertTrue(kept.quick(), "a small model is not to be quoted");
    assertTrue(kept.origin().stream().anyMatch(line -> line.startsWith("command: ci/llama --small ")),
        kept.origin().toString());
    assertEquals(Set.of("start to the first token", "prompt of 128 tokens", "decode", "garbage of a token",
        "packed weights"),
        kept.figures().stream()
            .filter(figure -> figure.topic().equals("A Llama after a prompt")
                && !figure.what().startsWith("resident "))
            .map(Figure::what).collect(Collectors.toSet()));
  }

  @Test
  void ratiosAreThoseOfRounds() {
    AtomicLong nanos = new AtomicLong();
    List<Runnable> turns = Stream.of(4_000_000, 2_000_000, 1_000_000, 3_000_000)
        .<Runnable>map(each -> () -> nanos.addAndGet(each)).toList();
    List<Figure> figures = LlamaRun.figures(Rounds.run(turns, 0, 3, 60, nanos::get),
        List.of("octet-native", "octet-native", "limit", "ggml"),
        List.of("a step", "products", "reading", "same"));
    assertEquals(
        List.of("a step octet-native a token 4.00 ms",
            "a step octet-native of the rate of reading 0.2500 share",
            "a step octet-native over ggml 0.7500 times", "products octet-native a token 2.00 ms",
            "products octet-native of the rate of reading 0.5000 share",
            "products octet-native over ggml 1.50 times", "reading limit a token 1.00 ms",
            "same ggml a token 3.00 ms", "same ggml of the rate of reading 0.3333 share"),
        figures.stream().map(figure -> String.join(" ", figure.subject(), figure.peer(), figure.what(),
            figure.text(), figure.unit())).toList());
  }
}
