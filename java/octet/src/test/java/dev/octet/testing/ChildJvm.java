package dev.octet.testing;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Runs a main class in a JVM of its own, for what a process reads once or keeps for ever: environment
 * variables, loaded libraries, files that two processes write. The child uses the class path, however the
 * parent runs.
 */
public final class ChildJvm {
  private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";
  private static final long TIMEOUT_SECONDS = 120;

  /**
   * How a child ended.
   *
   * @param exit its exit code
   * @param output what it wrote to both streams
   */
  public record Result(int exit, String output) {}

  private final ProcessBuilder builder;

  private ChildJvm(ProcessBuilder builder) {
    this.builder = builder;
  }

  /**
   * A child to be started.
   *
   * @param main the class whose main method runs; what it uses comes from its own code root and the
   *        {@code with}
   * @param options of the JVM, such as -D
   * @param with further classes whose code roots the child needs
   * @param arguments of main
   * @return the child, not started
   */
  public static ChildJvm of(Class<?> main, List<String> options, List<Class<?>> with, String... arguments) {
    Set<String> roots = new LinkedHashSet<>();
    roots.add(root(main));
    with.forEach(type -> roots.add(root(type)));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add(NATIVE_ACCESS);
    command.addAll(options);
    command.addAll(List.of("-cp", String.join(File.pathSeparator, roots), main.getName()));
    command.addAll(List.of(arguments));
    return new ChildJvm(new ProcessBuilder(command).redirectErrorStream(true));
  }

  /**
   * Sets a variable of the child's environment.
   *
   * @param name of the variable
   * @param value of the variable
   * @return this
   */
  public ChildJvm environment(String name, String value) {
    builder.environment().put(name, value);
    return this;
  }

  /**
   * Has the child started by another program.
   *
   * @param program a command line, to which that of the child is added
   * @return this
   */
  public ChildJvm by(String... program) {
    builder.command().addAll(0, List.of(program));
    return this;
  }

  /**
   * Gives the child another class path than that of its classes.
   *
   * @param classPath all of it
   * @return this
   */
  public ChildJvm withClassPath(String classPath) {
    List<String> command = builder.command();
    command.set(command.indexOf("-cp") + 1, classPath);
    return this;
  }

  /**
   * Takes native access from the child: every restricted call of a library throws.
   *
   * @return this
   */
  public ChildJvm withoutNativeAccess() {
    builder.command()
        .replaceAll(argument -> argument.equals(NATIVE_ACCESS) ? "--illegal-native-access=deny" : argument);
    return this;
  }

  /**
   * Runs the child to its end.
   *
   * @return how it ended
   */
  public Result run() {
    return runTogether(List.of(this)).getFirst();
  }

  /**
   * Runs children at the same time, to the end of all.
   *
   * @param children the children
   * @return how they ended, in their order
   */
  public static List<Result> runTogether(List<ChildJvm> children) {
    List<Process> processes = new ArrayList<>();
    List<Path> outputs = new ArrayList<>();
    try {
      for (ChildJvm child : children) {
        // A file, because a full pipe would hold up a child that nobody reads.
        Path output = Files.createTempFile("octet-child", ".txt");
        outputs.add(output);
        processes.add(child.builder.redirectOutput(output.toFile()).start());
      }
      List<Result> results = new ArrayList<>();
      for (int i = 0; i < processes.size(); i++) {
        if (!processes.get(i).waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
          throw new AssertionError("child JVM still runs after " + TIMEOUT_SECONDS + " s: "
              + children.get(i).builder.command() + "\n" + Files.readString(outputs.get(i)));
        }
        results.add(new Result(processes.get(i).exitValue(),
            Files.readString(outputs.get(i), StandardCharsets.UTF_8)));
      }
      return results;
    } catch (IOException e) {
      throw new AssertionError("cannot run a child JVM", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while child JVMs ran", e);
    } finally {
      processes.forEach(Process::destroyForcibly);
      outputs.forEach(output -> output.toFile().delete());
    }
  }

  /** The directory or jar that a class was loaded from: the class path of a module does not tell. */
  private static String root(Class<?> type) {
    String file = type.getName().replace('.', '/') + ".class";
    URL url = type.getResource("/" + file);
    try {
      String location = url.toURI().toString();
      if (location.startsWith("jar:")) {
        location = location.substring("jar:".length(), location.indexOf("!/")) + "/" + file;
      }
      return Path.of(URI.create(location.substring(0, location.length() - file.length() - 1))).toString();
    } catch (URISyntaxException e) {
      throw new AssertionError("no code root for " + type, e);
    }
  }
}
