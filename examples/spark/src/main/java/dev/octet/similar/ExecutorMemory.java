package dev.octet.similar;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the executors of this machine have in memory, of which Linux says what they share. */
final class ExecutorMemory {
  /** The name of an executor's main class. */
  private static final String EXECUTOR = "CoarseGrainedExecutorBackend";
  /** The folder of packed weights. */
  private static final String WEIGHTS = "/octet-weights-";

  /** Kilobytes of a process, or of some mappings of it: resident, and with shared pages divided. */
  private record Pages(long resident, long share) {
    @Override
    public String toString() {
      return String.format("%.1f MB, its share (PSS) %.1f MB", resident * 1024e-6, share * 1024e-6);
    }
  }

  private ExecutorMemory() {}

  /** Prints it; nothing where the kernel does not tell. */
  static void print() {
    for (ProcessHandle process : ProcessHandle.current().descendants().toList()) {
      Path folder = Path.of("/proc", Long.toString(process.pid()));
      try {
        // not info().commandLine(), which has no long ones
        if (Files.readString(folder.resolve("cmdline")).contains(EXECUTOR)) {
          List<String> lines = Files.readAllLines(folder.resolve("smaps"));
          System.out.println("an executor: resident " + pages(lines, "") + "; mapped weights: "
              + pages(lines, WEIGHTS));
        }
      } catch (IOException e) {
        // it has ended, or this is not Linux
      }
    }
  }

  /** Of mappings whose line has a text in it. */
  private static Pages pages(List<String> lines, String text) {
    long resident = 0;
    long share = 0;
    boolean counts = false;
    for (String line : lines) {
      String[] words = line.split("\\s+", -1);
      if (!words[0].endsWith(":")) {
        counts = line.contains(text);
      } else if (counts && words[0].equals("Rss:")) {
        resident += Long.parseLong(words[1]);
      } else if (counts && words[0].equals("Pss:")) {
        share += Long.parseLong(words[1]);
      }
    }
    return new Pages(resident, share);
  }
}
