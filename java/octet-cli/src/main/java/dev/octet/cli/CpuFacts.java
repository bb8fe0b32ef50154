package dev.octet.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What the system says of the CPU; nothing depends on it.
 *
 * @param model its name, or the architecture where the system does not tell
 * @param architecture as Java calls it
 * @param processors that this JVM may use
 * @param flags those of the CPU's that kernels could use
 * @param caches of the first processor, such as "L1 Data 48K"
 */
record CpuFacts(String model, String architecture, int processors, List<String> flags, List<String> caches) {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");
  private static final Path CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache");
  /** Vector, dot product and matrix instructions of x86-64 and of Arm. */
  private static final Pattern MATTERS = Pattern
      .compile("sse4.*|fma|f16c|avx.*|amx.*|gfni|asimd.*|sve.*|sme.*|i8mm|bf16|fphp");

  static CpuFacts read() {
    List<String> info = lines(CPUINFO);
    String architecture = System.getProperty("os.arch");
    List<String> flags = Arrays.stream(value(info, "flags", value(info, "Features", "")).split(" "))
        .filter(flag -> MATTERS.matcher(flag).matches()).toList();
    return new CpuFacts(model(info, architecture), architecture, Runtime.getRuntime().availableProcessors(),
        flags, cachesOf(CACHES));
  }

  /** Arm has numbers instead of a name. */
  private static String model(List<String> info, String architecture) {
    String part = value(info, "CPU part", "");
    return value(info, "model name", part.isEmpty()
        ? architecture
        : architecture + ", implementer " + value(info, "CPU implementer", "?") + " part " + part);
  }

  private static String value(List<String> info, String key, String otherwise) {
    return info.stream().filter(line -> line.startsWith(key) && line.contains(":")).findFirst()
        .map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse(otherwise);
  }

  private static List<String> cachesOf(Path folder) {
    List<String> caches = new ArrayList<>();
    for (int i = 0; Files.isDirectory(folder.resolve("index" + i)); i++) {
      Path cache = folder.resolve("index" + i);
      caches.add("L" + line(cache, "level") + " " + line(cache, "type") + " " + line(cache, "size"));
    }
    return caches;
  }

  private static String line(Path folder, String file) {
    List<String> lines = lines(folder.resolve(file));
    return lines.isEmpty() ? "?" : lines.getFirst();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      return List.of(); // no facts
    }
  }
}
