package dev.octet.bench.child;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A JVM of its own for what one process cannot have twice: a start, peaks of memory, OpenMP's settings. */
public final class ChildJvm {
  /** As the system gives memory to a program whose user sets nothing: without the huge pages of ci/bench. */
  public static final Map<String, String> PLAIN_MEMORY = Map.of("GLIBC_TUNABLES", "");

  private ChildJvm() {}

  /**
   * Runs a class of the bench to its end.
   *
   * @param main the class
   * @param environment what it gets beside this process's
   * @param arguments its arguments
   * @return the lines of its standard output
   * @throws IOException if it fails
   * @throws InterruptedException if the thread was interrupted while it ran
   */
  public static List<String> run(Class<?> main, Map<String, String> environment, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(
        List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", main.getName()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    // By the environment: a JVM whose command line held it was ended by ONNX Runtime 1.29.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process process = builder.start();
    process.getOutputStream().close();
    List<String> lines;
    try (BufferedReader out = process.inputReader()) {
      lines = out.lines().toList();
    }
    int code = process.waitFor();
    if (code != 0) {
      throw new IOException(main.getSimpleName() + " " + String.join(" ", arguments) + " ended with code "
          + code + ":\n" + String.join("\n", lines));
    }
    return lines;
  }
}
