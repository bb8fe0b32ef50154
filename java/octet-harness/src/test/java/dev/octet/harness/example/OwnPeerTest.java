package dev.octet.harness.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.harness.report.RoundsFile;
import dev.octet.testing.Repository;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What bench/README.md shows compiles, runs and is what it shows. */
class OwnPeerTest {
  @Test
  void theDocumentShowsTheProgramThatIsCompiled() {
    Repository.assertShows("bench/README.md",
        "java/octet-harness/src/test/java/dev/octet/harness/example/OwnPeer.java");
  }

  @Test
  void aPeerOfOnesOwnTakesTurnsIsKeptAndCompared(@TempDir Path folder) throws Exception {
    Path csv = folder.resolve("run.csv");
    String first = said(() -> OwnPeer.measure(csv, folder.resolve("none.csv")));
    assertTrue(first.contains("mine: three loops") && first.contains("Octet is faster by "), first);
    assertFalse(first.contains("Against"), first);
    RoundsFile kept = RoundsFile.read(csv);
    assertEquals("mine", kept.times().getLast().benchCase().peer().toString());
    assertTrue(kept.times().getLast().micros().length >= 11);
    assertTrue(kept.origin().contains("peers: mine 1.0"), kept.origin().toString());

    String second = said(() -> OwnPeer.measure(folder.resolve("second.csv"), csv));
    assertTrue(second.contains("Against the earlier run: "), second);
    assertTrue(second.contains(" of 2 rows have changed; not compared: 0 rows"), second);
  }

  private interface Work {
    void run() throws Exception;
  }

  private static String said(Work work) throws Exception {
    PrintStream out = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      work.run();
    } finally {
      System.setOut(out);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** The constants of Octet's suites, which the document explains, are where it says. */
  @Test
  void theDocumentNamesFilesThatAreThere() throws Exception {
    Path root = Repository.root();
    String text = Files.readString(root.resolve("bench/README.md"));
    List<String> missing = new ArrayList<>();
    Stream.of(text.split("`", -1)).filter(word -> word.matches("[\\w./-]+\\.(java|txt|md|cpp)"))
        .filter(name -> Stream.of("", "bench/", "bench/src/main/java/dev/octet/bench/",
            "java/octet-harness/src/main/java/dev/octet/harness/")
            .noneMatch(folder -> Files.exists(root.resolve(folder + name))))
        .forEach(missing::add);
    assertEquals(List.of(), missing);
  }
}
