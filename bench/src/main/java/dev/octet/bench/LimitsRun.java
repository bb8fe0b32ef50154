package dev.octet.bench;

import dev.octet.harness.report.Machine;
import dev.octet.harness.report.Measurement;
import dev.octet.harness.report.Origin;
import dev.octet.harness.report.ResultsCsv;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code ci/bench limits}: what a core of this machine can do, as a table and as rows of results.csv. */
final class LimitsRun {
  private final NativeProgram program;

  LimitsRun(NativeProgram program) {
    this.program = program;
  }

  /** Measures, and returns the exit code. */
  int run(Path csv, Origin origin) throws IOException, InterruptedException {
    say(Machine.here().describe());
    if (!program.isThere()) {
      say("The program limits was not built: it takes Linux on x86-64, CMake and a C++ compiler.");
      return 1;
    }
    say("One thread; of samples the least. dot: 8-bit products by instruction, GOPS; fma: F32, GFLOPS; read: GB/s by the"
        + " level that holds the data, in huge pages or in small ones, with software prefetch or without.");
    try (ResultsCsv results = new ResultsCsv(csv, origin)) {
      for (String line : program.run("", List.of("--pages"))) {
        if (line.startsWith("#")) {
          say(line.substring(2));
        } else {
          Measurement limit = Measurement.parse(line);
          results.add(limit);
          say(String.format("  %-5s %-24s %9.1f", limit.op(), limit.shape(), limit.gops()));
        }
      }
    }
    say("Results: " + csv);
    return 0;
  }

  private static void say(String line) {
    System.out.println(line);
  }
}
