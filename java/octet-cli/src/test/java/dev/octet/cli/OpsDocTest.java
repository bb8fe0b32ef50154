package dev.octet.cli;

import static dev.octet.cli.Run.octet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** docs/ops.md says what the engines that run here offer. */
class OpsDocTest {
  private static final Path DOC = Path.of("..", "..", "docs", "ops.md");

  private static List<String> cells(String line) {
    return Arrays.stream(line.substring(1, line.length() - 1).split("\\|")).map(String::strip).toList();
  }

  @Test
  void theTableIsWhatTheEnginesOffer() throws IOException {
    List<List<String>> table = Files.readAllLines(DOC).stream().filter(line -> line.startsWith("|"))
        .map(OpsDocTest::cells).toList();
    List<String> head = table.getFirst();
    List<OfferedOps.Row> rows = OfferedOps.rows();
    assertTrue(rows.getFirst().engines().containsKey(Engine.SCALAR));
    List<List<String>> found = new ArrayList<>();
    List<List<String>> said = new ArrayList<>();
    for (List<String> line : table.subList(2, table.size())) {
      List<String> row = new ArrayList<>(line.subList(0, 2));
      for (Engine engine : rows.getFirst().engines().keySet()) {
        row.add(line.get(head.indexOf(engine.name())));
      }
      said.add(row);
    }
    for (OfferedOps.Row row : rows) {
      List<String> line = new ArrayList<>(List.of(row.op(), row.types()));
      line.addAll(row.engines().values());
      found.add(line);
    }
    assertEquals(lines(found), lines(said), "docs/ops.md is stale; columns of engines that run here");
  }

  private static String lines(List<List<String>> rows) {
    StringBuilder text = new StringBuilder();
    rows.forEach(row -> text.append("| ").append(String.join(" | ", row)).append(" |\n"));
    return text.toString();
  }

  @Test
  void theCommandPrintsIt() {
    Run run = octet("info", "--ops", "--json");
    assertEquals(0, run.exit(), run.err());
    assertEquals("MatMul", run.json().get(0).get("op").asText());
    assertEquals("yes", run.json().get(0).get("engines").get("SCALAR").asText());
    assertTrue(octet("info", "--ops").out().contains("WeightOnlyMatMul"));
  }
}
