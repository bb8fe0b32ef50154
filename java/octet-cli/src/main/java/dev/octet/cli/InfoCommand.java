package dev.octet.cli;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code octet info}: what this machine offers, and what to do for more. */
@Command(name = "info", mixinStandardHelpOptions = true, description = "CPU, instruction sets and engines: what runs here, and why another does not.")
final class InfoCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(names = "--ops", description = "Which engine has a kernel for which op and types; asks the engines.")
  private boolean ops;

  @Override
  public Integer call() {
    Screen screen = new Screen(spec, json);
    if (ops) {
      return ops(screen);
    }
    String cpu = CpuFacts.read().model();
    List<EngineStatus> engines;
    String report;
    try (Octet octet = Octet.open()) {
      engines = octet.engines();
      report = octet.report();
    }
    String tier = report.lines().filter(line -> line.strip().startsWith("tier: "))
        .map(line -> line.strip().substring("tier: ".length())).findFirst().orElse("");
    String advice = advice(engines);
    screen.say(
        "@|bold CPU|@      %s, %d processors".formatted(cpu, Runtime.getRuntime().availableProcessors()));
    screen.say("@|bold tier|@     %s".formatted(tier));
    screen.say("@|bold Java|@     %s, %s %s".formatted(Runtime.version(), System.getProperty("os.name"),
        System.getProperty("os.arch")));
    for (EngineStatus engine : engines) {
      screen
          .say("%-16s %s".formatted((engine.available() ? "@|green " : "@|yellow ") + engine.engine() + "|@",
              (engine.available() ? "available: " : "not available: ") + engine.detail()));
    }
    screen.say("@|bold advice|@   %s".formatted(advice));
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("cpu", cpu);
    all.put("processors", Runtime.getRuntime().availableProcessors());
    all.put("tier", tier);
    all.put("java", Runtime.version().toString());
    all.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    List<Map<String, Object>> list = new ArrayList<>();
    for (EngineStatus engine : engines) {
      list.add(Map.of("engine", engine.engine().name(), "available", engine.available(), "detail",
          engine.detail()));
    }
    all.put("engines", list);
    all.put("advice", advice);
    screen.json(all);
    return 0;
  }

  private static int ops(Screen screen) {
    List<OfferedOps.Row> rows = OfferedOps.rows();
    List<String> head = new ArrayList<>(List.of("op", "types"));
    rows.getFirst().engines().keySet().forEach(engine -> head.add(engine.name()));
    screen.table(head, rows.stream().map(row -> {
      List<String> cells = new ArrayList<>(List.of(row.op(), row.types()));
      cells.addAll(row.engines().values());
      return cells;
    }).toList());
    screen.json(rows);
    return 0;
  }

  /** One line: the first thing that would make this faster. */
  static String advice(List<EngineStatus> engines) {
    Map<Engine, EngineStatus> by = new LinkedHashMap<>();
    engines.forEach(engine -> by.put(engine.engine(), engine));
    if (available(by, Engine.NATIVE)) {
      String detail = by.get(Engine.NATIVE).detail().toLowerCase(Locale.ROOT);
      return detail.contains("vnni")
          ? "nothing to do: native kernels with 8-bit dot products run."
          : "native kernels run; a CPU with VNNI (Intel from 2019, AMD from Zen 4) would run int8 two to four times as fast.";
    }
    if (available(by, Engine.VECTOR)) {
      return "pure Java runs; native kernels would be faster: see what NATIVE says.";
    }
    return "start Java with --add-modules jdk.incubator.vector and --enable-native-access=ALL-UNNAMED.";
  }

  private static boolean available(Map<Engine, EngineStatus> engines, Engine engine) {
    return engines.containsKey(engine) && engines.get(engine).available();
  }
}
