package dev.octet.cli;

import static dev.octet.cli.Run.octet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Command lines that are wrong, and files that are none. */
class UsageErrorsTest {
  @TempDir
  Path folder;
  private Path model;

  @BeforeEach
  void model() {
    model = Models.write(folder.resolve("model.safetensors"), Map.of("a.weight", new float[4]),
        Shape.of(2, 2));
  }

  /** One line of what is wrong, then how it is right, in few lines: not a page that hides it. */
  private static void wrong(String message, Object... args) {
    Run run = octet(args);
    assertEquals(2, run.exit(), run.err());
    assertEquals("octet: " + message, run.err().lines().findFirst().orElse(""));
    assertTrue(run.err().lines().count() < 12 && run.err().contains("\nusage: octet"), run.err());
    assertTrue(run.err().endsWith(" --help tells more\n") && !run.err().contains("u000a"), run.err());
    assertEquals("", run.out());
  }

  @Test
  void wrongCommandLines() {
    wrong("--group: --scheme int8-dynamic has no groups", "quantize", model, "-o", "out", "--scheme",
        "int8-dynamic", "--group", 64);
    wrong("--group: expected 16, 32, 64, 128 or 256, got 7", "quantize", model, "-o", "out", "--scheme",
        "int4-dynamic",
        "--group", 7);
    wrong("unknown option: --nope", "inspect", "--nope", model);
    wrong("unexpected argument: more", "inspect", model, "more");
    wrong("unknown command: quant", "quant", model);
    wrong("Missing required parameter: 'QUANTIZED'", "verify", model);
    wrong("Missing required option: '--scheme=SCHEME'", "quantize", model, "-o", "out");
    wrong("Invalid value for option '--output': expected the name of a file or folder, got an empty text",
        "quantize", model, "-o", "", "-s", "int8-dynamic");
    wrong("Invalid value for positional parameter at index 0 (FILE): expected the name of a file or folder, "
        + "got an empty text", "inspect", "");
    wrong("--seconds: expected 0 to 86400, got -1.0", "bench", "--seconds", "-1");
    for (String command : List.of("bench", "demo")) {
      wrong("--threads: expected a number from 1 to 32768, got 0", command, "--threads", "0");
    }
    assertTrue(octet("inspec", model).err().contains("octet inspect"), "what is like it");
    Run alone = octet();
    assertEquals(2, alone.exit());
    assertTrue(alone.err().contains("quantize") && alone.err().contains("Exit codes"), alone.err());
    assertTrue(octet("help", "quantize").out().contains("--scheme"));
  }

  /** Before the work, which may be long. */
  @Test
  void aReportThatCannotBeWrittenIsToldFirst() throws IOException {
    Run folderOfThatName = octet("verify", model, model, "--report", folder);
    assertEquals(1, folderOfThatName.exit());
    assertEquals("", folderOfThatName.out());
    Run nowhere = octet("verify", model, model, "--report", folder.resolve("nowhere/report.html"));
    assertEquals(1, nowhere.exit());
    assertEquals("", nowhere.out());
    assertTrue(nowhere.err().contains("there is no folder " + folder.resolve("nowhere")), nowhere.err());
  }

  @Test
  void whatIsNoFileIsTold() throws IOException, InterruptedException {
    Path pipe = folder.resolve("pipe");
    assumeTrue(
        new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "no pipes");
    Run run = octet("inspect", pipe);
    assertEquals(1, run.exit());
    assertTrue(run.err().contains("pipe: expected a file or a folder, it is a device, a pipe or a socket"),
        run.err());
    Run missing = octet("inspect", folder.resolve("missing.onnx"));
    assertEquals("octet: cannot read " + folder.resolve("missing.onnx") + ": there is no such file",
        missing.err().strip());
  }
}
