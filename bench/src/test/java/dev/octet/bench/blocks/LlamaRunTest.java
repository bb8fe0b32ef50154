package dev.octet.bench.blocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.bench.usage.WrongUsage;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ci/llama on a small model; beside ggml where the property {@code octet.ggml} names its folder. */
class LlamaRunTest {
  @TempDir
  Path folder;

  private String run(String... options) {
    List<String> arguments = new ArrayList<>(
        List.of("--small", "--folder", folder.toString(), "--seconds", "0.05"));
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
  void small() {
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
  }
}
