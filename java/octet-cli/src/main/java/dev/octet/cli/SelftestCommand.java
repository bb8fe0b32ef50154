package dev.octet.cli;

import dev.octet.Engine;
import dev.octet.cli.selftest.Report;
import dev.octet.cli.selftest.Selftest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code octet selftest}: whether every engine gives the right integers on this machine. */
@Command(name = "selftest", mixinStandardHelpOptions = true, description = {
    "Hold every kernel of NATIVE to known answers, then run random cases of every op on every engine and tier that can run here, and compare with SCALAR.",
    "Results must be equal bit by bit (weightOnlyMatMul: within its error bound). Fails with exit code 1 on a difference, and says how to repeat it. Every engine runs in a JVM of its own: what ends one is a line of the report.",
    "To report a CPU that nobody has tried: octet selftest --json >selftest.json"})
final class SelftestCommand implements Callable<Integer> {
  private static final String ROW = "%-6s  %-10s  %s";

  private final Selftest selftest;
  @Spec
  private CommandSpec spec;
  @Option(names = "--seconds", defaultValue = "20", description = "time for all engines together, about (default: ${DEFAULT-VALUE})")
  private double seconds;
  @Option(names = "--seed", description = "of the cases (default: another one at each run)")
  private Long seed;
  @Option(names = "--cases", paramLabel = "N", description = "the first N random cases of each op on each engine, instead of --seconds")
  private Integer cases;
  @Option(names = "--case", paramLabel = "INDEX", description = "only the random case of an index, from 0")
  private Integer only;
  @Option(names = "--engine", description = "only this one: vector, native or onednn")
  private Engine engine;
  @Option(names = "--tier", description = "only this one, as the table names it: avx2, vector-api ...")
  private String tier;
  @Option(names = "--op", split = ",", description = "only these, as the table names them: MatMul, Conv2d ...")
  private List<String> ops = List.of();
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  SelftestCommand() {
    this(new Selftest());
  }

  SelftestCommand(Selftest selftest) {
    this.selftest = selftest;
  }

  @Override
  public Integer call() {
    Selftest.Choice choice = choice();
    Screen screen = new Screen(spec, json);
    CpuFacts cpu = CpuFacts.read();
    screen.say("@|bold octet|@    %s".formatted(OctetCommand.version()));
    screen.say("@|bold CPU|@      %s, %d processors%s".formatted(cpu.model(), cpu.processors(),
        cpu.caches().isEmpty() ? "" : ", " + String.join(", ", cpu.caches())));
    screen.say("@|bold flags|@    %s".formatted(String.join(" ", cpu.flags())));
    screen.say("@|bold Java|@     %s, %s; %s %s %s".formatted(Runtime.version(),
        System.getProperty("java.vm.name"), System.getProperty("os.name"), System.getProperty("os.version"),
        cpu.architecture()));
    screen.say("@|bold seed|@     %d".formatted(choice.seed()));
    Report report = selftest.run(choice, target -> {
      spec.commandLine().getErr().println("octet selftest: " + target);
      spec.commandLine().getErr().flush(); // whoever stops it here knows where
    });
    print(screen, report);
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("good", report.good());
    all.put("seed", report.seed());
    all.put("seconds", report.seconds());
    all.put("octet", OctetCommand.version());
    all.put("cpu", cpu);
    all.put("java", Map.of("version", Runtime.version().toString(), "vm",
        System.getProperty("java.vm.name"), "vendor", System.getProperty("java.vendor")));
    all.put("os", Map.of("name", System.getProperty("os.name"), "version", System.getProperty("os.version")));
    all.put("engines", report.engines());
    all.put("failures", report.failures());
    screen.json(all);
    return report.good() ? 0 : OctetCommand.NO;
  }

  private Selftest.Choice choice() {
    if (!(seconds > 0 && seconds <= 86_400)) {
      throw UsageErrors.wrong(spec, "--seconds: expected more than 0 and at most 86400, got " + seconds);
    }
    if (cases != null && cases < 1) {
      throw UsageErrors.wrong(spec, "--cases: expected at least 1, got " + cases);
    }
    if (only != null && (only < 0 || cases != null)) {
      throw UsageErrors.wrong(spec, "--case: expected an index from 0, without --cases, got " + only);
    }
    if (engine == Engine.SCALAR) {
      throw UsageErrors.wrong(spec,
          "--engine: the others are compared with SCALAR; expected vector, native or onednn");
    }
    Selftest.Choice choice = new Selftest.Choice(
        seed == null ? ThreadLocalRandom.current().nextInt(1 << 30) : seed, seconds,
        cases == null ? 0 : cases, only == null ? -1 : only, engine, tier, ops);
    try {
      choice.check();
    } catch (IllegalArgumentException e) {
      throw UsageErrors.wrong(spec, e.getMessage());
    }
    return choice;
  }

  private static void print(Screen screen, Report report) {
    List<List<String>> rows = new ArrayList<>();
    for (Report.Tested tested : report.engines()) {
      screen.say("%-18s %s".formatted(tested.engine() + " " + tested.tier(),
          (tested.available() ? "" : "not available: ") + tested.detail()));
      for (Report.Op op : tested.ops()) {
        rows.add(List.of(ROW.formatted(tested.engine(), tested.tier(), op.op()),
            op.cases() == 0 ? "-" : Integer.toString(op.cases()), Integer.toString(op.notOffered()),
            op.cases() == 0 ? "-" : Integer.toString(op.differences()), kernels(op.kernels())));
      }
    }
    screen.table(List.of(ROW.formatted("engine", "tier", "op"), "cases", "not offered", "differences",
        "kernels"), rows);
    for (Report.Failure failure : report.failures()) {
      screen.say("@|red %s %s %s: %s|@".formatted(failure.engine(), failure.tier(), failure.op(),
          failure.where()));
      if (!failure.expected().isEmpty()) {
        screen.say(
            "  expected %s, got %s; elements that differ: %d".formatted(failure.expected(), failure.got(),
                failure.elements()));
      }
      if (failure.index() >= 0) {
        screen.say("  seed %d, case %d: %s".formatted(report.seed(), failure.index(), failure.opCase()));
      }
      failure.words().forEach(line -> screen.say("  | " + line));
      screen.say("  repeat: " + failure.repeat());
    }
    long cases = report.engines().stream().flatMap(tested -> tested.ops().stream())
        .mapToLong(Report.Op::cases).sum();
    screen.say(report.good()
        ? "no difference in %d cases, %.1f s".formatted(cases, report.seconds())
        : "@|red failures: %d; %d cases, %.1f s|@".formatted(report.failures().size(), cases,
            report.seconds()));
  }

  /** One of them, and how many more; all are in the JSON. */
  private static String kernels(Set<String> names) {
    return names.isEmpty()
        ? "-"
        : names.iterator().next() + (names.size() == 1 ? "" : " and " + (names.size() - 1) + " more");
  }
}
