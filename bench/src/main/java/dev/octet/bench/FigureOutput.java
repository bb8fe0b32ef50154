package dev.octet.bench;

import dev.octet.bench.usage.Usage;
import dev.octet.harness.report.Figure;
import dev.octet.harness.report.FiguresFile;
import dev.octet.harness.report.Machine;
import dev.octet.harness.report.Origin;
import dev.octet.harness.shape.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Where a program that measures something else than cases leaves its figures, for {@code ci/numbers}.
 *
 * @param spec its command line, after it was read
 * @param name what people call
 * @param file the file
 */
public record FigureOutput(CommandSpec spec, String name, Path file) {
  /**
   * The file that {@code --out} names, or else a file below bench/target.
   *
   * @param out the option, or null
   * @param kept the name of the file
   * @throws picocli.CommandLine.ParameterException if it cannot be written
   */
  public static FigureOutput of(CommandSpec spec, String name, Path out, String kept) {
    Path file = out == null ? Folders.bench().resolve("target").resolve(kept) : Folders.output(out);
    Usage.checkOutput(spec, "--out", file);
    return new FigureOutput(spec, name, file);
  }

  /**
   * Writes the figures and where they come from.
   *
   * @param peers who took part
   * @param others versions of those who are no peers of cases, each {@code name version}
   * @param quick whether it was to see that it runs, not to quote
   * @param figures the figures
   * @throws InterruptedException if the thread was interrupted while git ran
   */
  public void write(Set<Peer> peers, List<String> others, boolean quick, List<Figure> figures)
      throws IOException, InterruptedException {
    List<String> versions = new ArrayList<>(Versions.of(peers));
    versions.addAll(others);
    String command = name + " " + String.join(" ", spec.commandLine().getParseResult().originalArgs());
    new FiguresFile(
        new Origin(Machine.here(), command, Origin.commitOf(Folders.bench()), versions, quick).lines(),
        figures).write(file);
  }
}
