package dev.octet.cli;

import static dev.octet.cli.Run.octet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.report.RoundsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code octet bench}: a run that is kept, and one that is compared with it. */
class BenchCommandTest {
  private static Run bench(Object... more) {
    Object[] args = Arrays.copyOf(new Object[]{"bench", "--shapes", "2x64x48", "--seconds", "0.1"},
        5 + more.length);
    System.arraycopy(more, 0, args, 5, more.length);
    return octet(args);
  }

  /** The same rows, each an hour a call in every round. */
  private static void slowAnHour(Path csv) throws IOException {
    RoundsFile run = RoundsFile.read(csv);
    double[] hour = new double[101];
    Arrays.fill(hour, 3.6e9);
    new RoundsFile(run.origin(), run.key(), run.times().stream()
        .map(row -> new RoundTimes(row.benchCase(), row.kernel(), hour)).toList()).write(csv);
  }

  @Test
  void measuresEachEngine() {
    Run run = bench("--json");
    assertEquals(0, run.exit(), run.err());
    boolean scalar = false;
    for (JsonNode result : run.json()) {
      assertEquals("2x64x48", result.get("shape").asText());
      assertTrue(result.get("microseconds").asDouble() > 0);
      assertTrue(result.get("p10").asDouble() <= result.get("p90").asDouble());
      assertTrue(result.get("against").isNull());
      scalar |= result.get("engine").asText().equals("SCALAR");
    }
    assertTrue(scalar);
  }

  @Test
  void aRunIsComparedWithOneThatWasKept(@TempDir Path folder) throws IOException {
    Path csv = folder.resolve("made/run.csv");
    assertEquals(0, bench("--out", csv).exit());
    RoundsFile kept = RoundsFile.read(csv);
    assertTrue(kept.quick(), "a tenth of a second is not to be quoted");
    int rows = kept.times().size();
    assertTrue(Files.readString(csv).contains("octet-scalar,matmul,2x64x48,u8s8u8q,1,"));
    slowAnHour(csv);

    Run run = bench("--against", csv);
    assertEquals(0, run.exit(), run.err());
    List<String> faster = run.out().lines().filter(line -> line.endsWith("  FASTER")).toList();
    assertEquals(rows, faster.size(), run.out());
    assertTrue(run.out().contains(rows + " of " + rows
        + " rows have changed; not compared: 0 rows of the earlier run and 0 of this one"), run.out());
    JsonNode change = bench("--against", csv, "--json").json().get(0).get("against");
    assertTrue(change.get("changed").asBoolean() && change.get("faster").asDouble() > 100, change.toString());
    assertEquals(3.6e9, change.get("before").asDouble());
  }

  /** Before anything is measured. */
  @Test
  void whatCannotBeComparedIsToldFirst(@TempDir Path folder) throws IOException {
    Path csv = folder.resolve("run.csv");
    Run missing = bench("--against", csv);
    assertEquals(1, missing.exit());
    assertEquals("octet: cannot read " + folder.resolve("run-rounds.csv") + ": there is no such file\n",
        missing.err());

    Path out = folder.resolve("out.csv");
    new RoundsFile(List.of(), "another CPU", List.of()).write(csv);
    Run other = bench("--against", csv, "--out", out);
    assertEquals(1, other.exit());
    assertTrue(other.err().startsWith("octet: not comparable: one run is of another CPU, the other one of "),
        other.err());
    assertFalse(Files.exists(out));

    Files.writeString(folder.resolve("run-rounds.csv"), "a table\n");
    Run wrong = bench("--against", csv);
    assertEquals(1, wrong.exit());
    assertTrue(wrong.err().startsWith("octet: run-rounds.csv:1: expected peer,op,shape,"), wrong.err());

    Run aFolder = bench("--out", folder);
    assertEquals(2, aFolder.exit());
    assertTrue(aFolder.err().startsWith("octet: --out: expected the name of a file, got the folder "),
        aFolder.err());
  }
}
