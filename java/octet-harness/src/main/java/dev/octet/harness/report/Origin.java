package dev.octet.harness.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a run comes from: the comments that its files begin with. A quick run says so in its last line, and
 * {@code ci/numbers} writes none of its figures into a document.
 *
 * @param machine CPU, caches and JDK
 * @param command what was called
 * @param commit the sources, or "unknown"
 * @param peers versions of those who took part, each {@code name version}
 * @param quick whether it was to see that it runs, not to quote
 */
public record Origin(Machine machine, String command, String commit, List<String> peers, boolean quick) {
  /** Begins the line that keeps a figure out of documents. */
  static final String QUICK = "QUICK: ";

  private static final int COMMIT_DIGITS = 12;

  /** Copies the list. */
  public Origin {
    peers = List.copyOf(peers);
  }

  /** The lines, without what makes them comments; the date is today's in UTC. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>(machine.describe().lines().toList());
    lines.add("date: " + LocalDate.now(ZoneOffset.UTC));
    lines.add("commit: " + commit);
    lines.add("command: " + command);
    lines.add("peers: " + (peers.isEmpty() ? "none" : String.join("; ", peers)));
    if (quick) {
      lines.add(QUICK + "few rounds, to see that it runs; not to be quoted");
    }
    return lines.stream().map(line -> line.replaceAll("\\s+", " ")).toList();
  }

  /** Whether lines that a file begins with are those of a quick run. */
  public static boolean isQuick(List<String> lines) {
    return lines.stream().anyMatch(line -> line.startsWith(QUICK));
  }

  /**
   * Returns the commit of a work tree, with a word where files differ from it.
   *
   * @param folder a folder of the work tree
   * @return 12 digits, or "unknown" where there is no git or no repository
   * @throws InterruptedException if the thread was interrupted while git ran
   */
  public static String commitOf(Path folder) throws InterruptedException {
    try {
      String commit = git(folder, "rev-parse", "--short=" + COMMIT_DIGITS, "HEAD");
      return commit + (git(folder, "status", "--porcelain").isEmpty() ? "" : " with changes");
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static String git(Path folder, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("git", "-C", folder.toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IOException("git " + arguments[0] + " failed");
    }
    return out;
  }
}
