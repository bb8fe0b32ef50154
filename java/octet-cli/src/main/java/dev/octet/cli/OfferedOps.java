package dev.octet.cli;

import dev.octet.Engine;
import dev.octet.Isa;
import dev.octet.Octet;
import dev.octet.cli.selftest.Forms;
import dev.octet.cli.selftest.Forms.Form;
import dev.octet.cli.selftest.Forms.Probe;
import dev.octet.op.Op;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Which engine has a kernel for which op and types: asked of the engines, by preparing a small op of each
 * form. {@code docs/ops.md} is this table; a test compares them.
 */
final class OfferedOps {
  /**
   * A line of the table as it was found.
   *
   * @param op its name
   * @param types operands and results
   * @param engines from each engine that was asked to what it offers: "yes", "-", or "3 of 8" combinations;
   *        NATIVE with tiers where they differ
   */
  record Row(String op, String types, Map<Engine, String> engines) {}

  private OfferedOps() {}

  /** Asks the engines that are available here. */
  static List<Row> rows() {
    List<Engine> engines;
    try (Octet octet = Octet.open()) {
      engines = octet.engines().stream().filter(status -> status.available()).map(status -> status.engine())
          .sorted().toList();
    }
    List<Row> rows = new ArrayList<>();
    Map<Engine, List<String>> columns = new LinkedHashMap<>();
    List<Form> forms = Forms.all();
    for (Engine engine : engines) {
      columns.put(engine, engine == Engine.NATIVE ? tiers(forms) : column(engine, null, forms));
    }
    for (int i = 0; i < forms.size(); i++) {
      Map<Engine, String> cells = new LinkedHashMap<>();
      for (Engine engine : engines) {
        cells.put(engine, columns.get(engine).get(i));
      }
      rows.add(new Row(forms.get(i).op(), forms.get(i).types(), cells));
    }
    return rows;
  }

  /** One engine, on a tier or on the machine's. */
  private static List<String> column(Engine engine, Isa isa, List<Form> forms) {
    List<String> cells = new ArrayList<>();
    Octet.Builder builder = Octet.builder().engine(engine).threads(1);
    try (Octet octet = (isa == null ? builder : builder.isa(isa)).open()) {
      for (Form form : forms) {
        long offered = form.probes().stream().filter(probe -> isOffered(octet, probe)).count();
        int all = form.probes().size();
        cells.add(offered == all ? "yes" : offered == 0 ? "-" : offered + " of " + all);
      }
    }
    return cells;
  }

  /** Every tier of NATIVE, lowered to what runs here; one word where all are alike. */
  private static List<String> tiers(List<Form> forms) {
    Map<Isa, List<String>> byTier = new LinkedHashMap<>();
    for (Isa isa : Isa.values()) {
      byTier.put(isa, column(Engine.NATIVE, isa, forms));
    }
    List<String> cells = new ArrayList<>();
    for (int i = 0; i < forms.size(); i++) {
      Map<String, List<String>> tiersOf = new LinkedHashMap<>();
      for (Map.Entry<Isa, List<String>> tier : byTier.entrySet()) {
        tiersOf.computeIfAbsent(tier.getValue().get(i), cell -> new ArrayList<>())
            .add(tier.getKey().name().toLowerCase(Locale.ROOT));
      }
      List<String> parts = new ArrayList<>();
      tiersOf.forEach(
          (cell, names) -> parts.add(tiersOf.size() == 1 ? cell : String.join(", ", names) + ": " + cell));
      cells.add(String.join("; ", parts));
    }
    return cells;
  }

  private static boolean isOffered(Octet octet, Probe probe) {
    try (Op op = probe.apply(octet)) {
      return op != null;
    } catch (UnsupportedOperationException e) {
      return false;
    }
  }
}
