package dev.octet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.harness.report.Machine;
import dev.octet.harness.report.Origin;
import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.report.RoundsFile;
import dev.octet.harness.shape.BenchCase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TurnsRunTest {
  private static final BenchCase CASE = BenchCase.of("java-loop", "matmul", "8x64x96", "u8s8s32", 1);

  private static final Origin ORIGIN = new Origin(Machine.here(), "a test", "unknown", List.of(), true);

  private static int run(Path csv, Path against) throws IOException {
    return new TurnsRun(ORIGIN, new HashSet<>()).run(List.of(CASE), csv,
        Optional.of(TurnsRun.Earlier.read(against)),
        List.of());
  }

  @Test
  void aRunIsComparedWithTheOneThatItIsWrittenOver(@TempDir Path folder) throws IOException {
    Path csv = folder.resolve("turns.csv");
    double[] hour = new double[101];
    Arrays.fill(hour, 3.6e9);
    RoundsFile.of(ORIGIN, List.of(new RoundTimes(CASE, "k", hour))).write(csv);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertEquals(0, run(csv, csv));
    } finally {
      System.setOut(before);
    }
    String said = bytes.toString(StandardCharsets.UTF_8);
    assertTrue(said.contains("  FASTER"), said);
    assertTrue(RoundsFile.read(csv).quick(), "a quick run says so in its file");
    assertTrue(RoundsFile.read(csv).times().getFirst().micros().length <= 11, said);
    assertTrue(
        said.contains("1 of 1 rows have changed; not compared: 0 rows of the earlier run and 0 of this one"),
        said);
  }

  @Test
  void anEarlierRunThatIsNotThereIsNamedBeforeAnythingIsMeasured(@TempDir Path folder) {
    Path csv = folder.resolve("turns.csv");
    assertThrows(NoSuchFileException.class, () -> run(csv, folder.resolve("none.csv")));
    assertFalse(Files.exists(csv));
  }
}
