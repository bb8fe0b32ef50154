package dev.octet.harness.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where the figures come from, without which they say nothing.
 *
 * @param cpu the model
 * @param family the numbers of its family, model and stepping: a name alone may stand for several; "" where
 *        the system does not tell
 * @param processors how many there are
 * @param flags those instruction sets of it that decide about speed here
 * @param caches bytes of data cache by level, the smallest first; empty where the system does not tell
 */
public record Machine(String cpu, String family, int processors, List<String> flags, List<Long> caches) {
  private static final List<String> TELLING = List.of("avx2", "fma", "avx_vnni", "avx512f", "avx512bw",
      "avx512_vnni", "amx_int8");
  private static final Pattern SIZE = Pattern.compile("(\\d+)([KM])");

  /** Copies the lists. */
  public Machine {
    flags = List.copyOf(flags);
    caches = List.copyOf(caches);
  }

  /** This machine, as Linux tells. */
  public static Machine here() {
    return read(Path.of("/proc/cpuinfo"), Path.of("/sys/devices/system/cpu/cpu0/cache"));
  }

  /** The same with other sizes of caches. */
  public Machine with(List<Long> others) {
    return new Machine(cpu, family, processors, flags, others);
  }

  static Machine read(Path cpuinfo, Path cache) {
    String cpu = System.getProperty("os.arch");
    Set<String> flags = Set.of();
    Map<String, String> numbers = new TreeMap<>();
    try {
      if (Files.isReadable(cpuinfo)) {
        for (String line : Files.readAllLines(cpuinfo)) {
          String value = line.substring(line.indexOf(':') + 1).strip();
          if (line.startsWith("model name")) {
            cpu = value;
          } else if (line.matches("(cpu family|model|stepping)\\s*:.*")) {
            numbers.put(line.substring(0, line.indexOf(':')).strip(), value);
          } else if (line.startsWith("flags")) {
            flags = Set.copyOf(Arrays.asList(value.split(" ")));
          }
        }
      }
      return new Machine(cpu, String.join("-", numbers.values()), Runtime.getRuntime().availableProcessors(),
          TELLING.stream().filter(flags::contains).toList(), caches(cache));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Long> caches(Path folder) throws IOException {
    TreeMap<Integer, Long> sizes = new TreeMap<>();
    if (Files.isDirectory(folder)) {
      List<Path> indexes;
      try (Stream<Path> children = Files.list(folder)) {
        indexes = children.filter(child -> child.getFileName().toString().startsWith("index")).toList();
      }
      for (Path index : indexes) {
        Matcher size = SIZE.matcher(Files.readString(index.resolve("size")).strip());
        if (!Files.readString(index.resolve("type")).strip().equals("Instruction") && size.matches()) {
          sizes.put(Integer.parseInt(Files.readString(index.resolve("level")).strip()),
              Long.parseLong(size.group(1)) << (size.group(2).equals("K") ? 10 : 20));
        }
      }
    }
    return new ArrayList<>(sizes.values());
  }

  /** What decides about speed and has no number: CPU and JDK. Runs with other keys are not comparable. */
  public String key() {
    return cpu + " " + family + ", " + System.getProperty("java.vm.name") + " " + Runtime.version();
  }

  /** CPU, caches and JDK, in lines. */
  public String describe() {
    String sizes = caches.stream().map(bytes -> (bytes >> 10) + " KB").collect(Collectors.joining(", "));
    return "CPU: " + cpu + (family.isEmpty() ? "" : " (" + family + ")") + ", " + processors + " processors, "
        + String.join(" ", flags) + "; caches: "
        + (sizes.isEmpty() ? "unknown" : sizes) + "\nJDK: " + System.getProperty("java.vm.name") + " "
        + Runtime.version() + " (" + System.getProperty("java.vendor") + ")";
  }
}
