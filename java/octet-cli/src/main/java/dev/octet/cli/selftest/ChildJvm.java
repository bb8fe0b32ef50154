package dev.octet.cli.selftest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A JVM of its own for an engine in one form, some 0.4 s: an instruction that the CPU lacks, or a write to
 * where no memory is, ends that JVM and not the report.
 */
final class ChildJvm implements Jvm {
  /** Longer than any case takes on any machine. */
  private static final Duration SILENCE = Duration.ofMinutes(2);
  /** The head of what a JVM says of a fatal error; lines of "#" alone do not count. */
  private static final int WORDS = 12;

  @Override
  public End run(Target target, Task task, Consumer<Event> events) {
    try {
      Path folder = Files.createTempDirectory("octet-selftest");
      End end = run(command(target, folder), folder, task, events);
      if (end.code() == 0 || !Files.exists(errorFile(folder))) {
        delete(folder);
      }
      return end;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run a JVM to test " + target + ": " + e, e);
    }
  }

  private static List<String> command(Target target, Path folder) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(target.options());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC",
        "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=" + errorFile(folder), "-Djava.io.tmpdir=" + folder));
    System.getProperties().stringPropertyNames().stream().filter(name -> name.startsWith("octet.")).sorted()
        .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), TesterMain.class.getName()));
    return command;
  }

  private static Path errorFile(Path folder) {
    return folder.resolve("hs_err.log");
  }

  private static End run(List<String> command, Path folder, Task task, Consumer<Event> events)
      throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    AtomicLong heard = new AtomicLong(System.nanoTime());
    Deque<String> words = new ArrayDeque<>();
    Thread watch = Thread.ofVirtual().start(() -> watch(process, heard));
    try (BufferedReader lines = new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      tell(process, task);
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        heard.set(System.nanoTime());
        Event event = Wire.event(line);
        if (event != null) {
          events.accept(event);
        } else if (line.length() > 1 && words.size() < WORDS) {
          words.add(line);
        }
      }
      int code = process.waitFor();
      if (silent(heard)) {
        words.add("no answer for " + SILENCE.toSeconds() + " s");
      }
      if (Files.exists(errorFile(folder))) {
        words.add("more in " + errorFile(folder));
      }
      return new End(code, List.copyOf(words));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new End(-1, List.of("interrupted"));
    } finally {
      watch.interrupt();
      process.destroyForcibly();
    }
  }

  private static void tell(Process process, Task task) {
    try (OutputStream in = process.getOutputStream()) {
      in.write((Wire.task(task) + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It ended before it could read; its last words say why.
    }
  }

  private static void watch(Process process, AtomicLong heard) {
    try {
      while (!silent(heard)) {
        Thread.sleep(Duration.ofSeconds(1));
      }
      process.destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // it has ended
    }
  }

  private static boolean silent(AtomicLong heard) {
    return System.nanoTime() - heard.get() > SILENCE.toNanos();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
