package dev.octet.similar;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What an executor of this machine has in memory, of which Linux says what it shares with others.
 *
 * @param all of it
 * @param weights what it maps of the folder of packed weights
 */
record ExecutorMemory(Pages all, Pages weights) {
  /** The name of an executor's main class. */
  private static final String EXECUTOR = "CoarseGrainedExecutorBackend";
  private static final double KILOBYTE = 1024e-6;
  /** The folder of packed weights. */
  private static final String WEIGHTS = "/octet-weights-";

  /** Megabytes of a process, or of some mappings of it: resident, and with shared pages divided. */
  record Pages(double resident, double share) {}

  /** The executors; none where the kernel does not tell. */
  static List<ExecutorMemory> ofExecutors() {
    List<ExecutorMemory> executors = new ArrayList<>();
    for (ProcessHandle process : ProcessHandle.current().descendants().toList()) {
      Path folder = Path.of("/proc", Long.toString(process.pid()));
      try {
        // not info().commandLine(), which has no long ones
        if (Files.readString(folder.resolve("cmdline")).contains(EXECUTOR)) {
          List<String> lines = Files.readAllLines(folder.resolve("smaps"));
          executors.add(new ExecutorMemory(pages(lines, ""), pages(lines, WEIGHTS)));
        }
      } catch (IOException e) {
        // it has ended, or this is not Linux
      }
    }
    return executors;
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
    return new Pages(resident * KILOBYTE, share * KILOBYTE);
  }
}
