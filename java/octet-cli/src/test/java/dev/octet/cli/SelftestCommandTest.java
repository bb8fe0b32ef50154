package dev.octet.cli;

import static dev.octet.cli.Run.octet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.octet.cli.selftest.BrokenEngine;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** {@code octet selftest} as people call it; right engines run in JVMs of their own, broken ones here. */
class SelftestCommandTest {
  private static List<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void jsonOfRightEngines() {
    Run run = octet("selftest", "--cases", "2", "--seed", "5", "--engine", "vector", "--json");
    assertEquals(0, run.exit(), run.out() + run.err());
    assertTrue(run.err().contains("octet selftest: VECTOR vector-api"), run.err());
    JsonNode json = run.json();
    assertEquals(List.of("good", "seed", "seconds", "octet", "cpu", "java", "os", "engines", "failures"),
        names(json));
    assertTrue(json.get("good").asBoolean());
    assertEquals(5, json.get("seed").asLong());
    assertEquals(List.of("model", "architecture", "processors", "flags", "caches"), names(json.get("cpu")));
    assertEquals(2, json.get("engines").size());
    assertEquals(0, json.get("failures").size());
    for (JsonNode engine : json.get("engines")) {
      assertEquals(List.of("engine", "tier", "available", "detail", "ops"), names(engine));
      assertTrue(engine.get("available").asBoolean(), engine.toString());
      assertEquals(26, engine.get("ops").size());
      for (JsonNode op : engine.get("ops")) {
        assertEquals(List.of("op", "cases", "notOffered", "differences", "kernels"), names(op));
        assertEquals(2, op.get("cases").asInt() + op.get("notOffered").asInt());
      }
    }
    assertTrue(json.get("engines").get(0).get("detail").asText().contains("Vector API"), run.out());
    assertTrue(json.get("engines").get(1).get("detail").asText().contains("plain loops"), run.out());
  }

  @Test
  void whatIsNotOfferedOrNotThereIsShown() {
    Run run = octet("selftest", "--cases", "1", "--engine", "vector", "--tier", "plain", "--op",
        "packedweights,binary");
    assertEquals(0, run.exit(), run.out() + run.err());
    assertTrue(run.out().lines().anyMatch(line -> line.matches("VECTOR +plain +PackedWeights +- +1 +- +-")),
        run.out());
    assertTrue(run.out().lines().anyMatch(line -> line.matches("VECTOR +plain +Binary +1 +0 +0 +vector:.*")),
        run.out());
    Run missing = octet("selftest", "--cases", "1", "--engine", "onednn");
    assertEquals(1, missing.exit(), "nothing was tested");
    assertTrue(missing.out().contains("ONEDNN auto        not available: octet-onednn is neither"),
        missing.out());
  }

  @Test
  void differencesAreExitCode1AndNamed() {
    Run run = Run.of(
        new CommandLine(new SelftestCommand(BrokenEngine.selftest()))
            .setCaseInsensitiveEnumValuesAllowed(true),
        "--cases", "3", "--seed",
        "7", "--engine", "vector", "--tier", "plain", "--op", "Lookup");
    assertEquals(1, run.exit(), run.err());
    assertTrue(run.out().lines().anyMatch(line -> line.matches("VECTOR +plain +Lookup +3 +0 +3 +vector:.*")),
        run.out());
    assertTrue(run.out().contains("VECTOR plain Lookup: y["), run.out());
    assertTrue(
        run.out().lines()
            .anyMatch(line -> line.matches("  expected -?\\d+, got -?\\d+; elements that differ: 1")),
        run.out());
    assertTrue(run.out().contains("seed 7, case 0: lookup "), run.out());
    assertTrue(run.out()
        .contains("repeat: octet selftest --seed 7 --engine vector --tier plain --op Lookup --case 0"),
        run.out());
  }

  @Test
  void wrongUsage() {
    assertEquals(2, octet("selftest", "--seconds", "0").exit());
    assertEquals(2, octet("selftest", "--cases", "0").exit());
    assertEquals(2, octet("selftest", "--case", "1", "--cases", "2").exit());
    assertEquals(2, octet("selftest", "--engine", "scalar").exit());
    Run op = octet("selftest", "--op", "Mul");
    assertEquals(2, op.exit());
    assertEquals("", op.out());
    assertTrue(op.err().contains("unknown op \"Mul\", expected one of MatMul, "), op.err());
    Run tier = octet("selftest", "--tier", "avx3");
    assertEquals(2, tier.exit());
    assertTrue(
        tier.err().contains("expected one of [NATIVE i8mm, NATIVE dotprod, NATIVE neon, NATIVE avx512vnni"),
        tier.err());
    assertFalse(octet("selftest", "--help").out().isEmpty());
  }
}
