package dev.octet.harness.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.harness.shape.BenchCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OriginTest {
  private static final Machine MACHINE = new Machine("a CPU", "1-2-3", 2, List.of("avx2"), List.of(32768L));

  private static Origin origin(boolean quick) {
    return new Origin(MACHINE, "a command", "0123456789ab", List.of("ONNX Runtime 1", "two\nlines"), quick);
  }

  @Test
  void saysMachineDateCommitCommandAndPeers() {
    List<String> lines = origin(true).lines();
    assertEquals("CPU: a CPU (1-2-3), 2 processors, avx2; caches: 32 KB", lines.getFirst());
    assertTrue(lines.get(2).matches("date: 20\\d\\d-\\d\\d-\\d\\d"), lines.get(2));
    assertEquals(
        List.of("commit: 0123456789ab", "command: a command", "peers: ONNX Runtime 1; two lines",
            "QUICK: few rounds, to see that it runs; not to be quoted"),
        lines.subList(3, lines.size()));
  }

  /** What a file says of its origin is all that is known of it later. */
  @Test
  void filesKeepThatARunWasQuick(@TempDir Path folder) throws IOException {
    Path csv = folder.resolve("turns.csv");
    List<RoundTimes> times = List.of(
        new RoundTimes(BenchCase.of("ort", "matmul", "1x2x3", "f32", 1), "k", new double[]{1}));
    for (boolean quick : new boolean[]{true, false}) {
      RoundsFile.of(origin(quick), times).write(csv);
      assertEquals(quick, RoundsFile.read(csv).quick());
      new FiguresFile(origin(quick).lines(), List.of(Figure.of("a", "b", "c", "d", "us", 1)))
          .write(FiguresFile.beside(csv));
      assertEquals(quick, FiguresFile.read(FiguresFile.beside(csv)).quick());
    }
  }

  @Test
  void commits(@TempDir Path folder) throws IOException, InterruptedException {
    assertEquals("unknown", Origin.commitOf(folder.resolve("nowhere")));
    assumeTrue(git(folder, "init", "-q"), "skipped, no git");
    assertEquals("unknown", Origin.commitOf(folder), "no commit yet");
    Files.writeString(folder.resolve("a"), "1");
    assertTrue(
        git(folder, "add", "a") && git(folder, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm",
            "one"));
    String commit = Origin.commitOf(folder);
    assertTrue(commit.matches("[0-9a-f]{12}"), commit);
    Files.writeString(folder.resolve("a"), "2");
    assertEquals(commit + " with changes", Origin.commitOf(folder));
    assertFalse(Origin.isQuick(List.of("command: QUICK: no")));
  }

  private static boolean git(Path folder, String... arguments) throws IOException, InterruptedException {
    String[] command = new String[arguments.length + 3];
    command[0] = "git";
    command[1] = "-C";
    command[2] = folder.toString();
    System.arraycopy(arguments, 0, command, 3, arguments.length);
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
