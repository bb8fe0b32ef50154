package dev.octet.bench.usage;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Command lines of the benchmarks. One that is wrong is answered by a line that names the option, what was
 * expected and what came, and by exit status 2; a stack trace is for mistakes of the programs.
 */
public final class Usage {
  /** Exit status of a wrong command line. */
  public static final int WRONG = 2;

  /** As many as an Octet takes. */
  private static final int MOST_THREADS = 32_768;

  private Usage() {}

  /**
   * Makes a command line that answers as it should.
   *
   * @param command a command of picocli
   * @param name what people call, for messages
   */
  public static CommandLine of(Object command, String name) {
    return new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((wrong, arguments) -> {
          PrintWriter err = wrong.getCommandLine().getErr();
          err.println(name + ": " + wrong.getMessage().replaceAll("\\s*\\R\\s*", " "));
          err.println(name + " --help lists the options");
          return WRONG;
        });
  }

  /** An option with a value that it does not take, to be thrown. */
  public static ParameterException wrong(CommandSpec spec, String option, String expected, Object got) {
    return new ParameterException(spec.commandLine(),
        option + ": expected " + expected + ", got " + (got.toString().isEmpty() ? "nothing" : got));
  }

  /**
   * Makes something of an option's value.
   *
   * @param make throws IllegalArgumentException where the value is wrong
   * @return what was made
   * @throws ParameterException if the value is wrong, with the option before its message
   */
  public static <T> T value(CommandSpec spec, String option, Supplier<T> make) {
    try {
      return make.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage(), e);
    }
  }

  /** Reads a file. */
  @FunctionalInterface
  public interface Reading<T> {
    /** Reads it. */
    T read() throws IOException;
  }

  /**
   * Reads the file that an option names.
   *
   * @param reading throws IllegalArgumentException where the file is not what it has to be
   * @return what was read
   * @throws ParameterException if it cannot be read or is not what it has to be
   */
  public static <T> T file(CommandSpec spec, String option, Path file, Reading<T> reading) {
    if (!Files.isRegularFile(file)) {
      throw wrong(spec, option, "a file",
          file + (Files.exists(file) ? ", which is none" : ", which is not there"));
    }
    try {
      return reading.read();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ParameterException(spec.commandLine(), option + ": cannot read " + file + ": " + e, e);
    }
  }

  /**
   * Refuses a file to write that is a folder, or lies in something that is none: known before hours of
   * measuring.
   */
  public static void checkOutput(CommandSpec spec, String option, Path file) {
    Path folder = file.toAbsolutePath().getParent();
    while (folder != null && !Files.exists(folder)) {
      folder = folder.getParent();
    }
    if (Files.isDirectory(file) || folder == null || !Files.isDirectory(folder)
        || !Files.isWritable(Files.exists(file) ? file : folder)) {
      throw wrong(spec, option, "a file that can be written", file);
    }
  }

  /** Refuses numbers of threads that no call takes. */
  public static void checkThreads(CommandSpec spec, List<Integer> threads) {
    for (int count : threads) {
      if (count < 1 || count > MOST_THREADS) {
        throw wrong(spec, "--threads", "numbers from 1 to " + MOST_THREADS, count);
      }
    }
  }

  /** Refuses seconds that are none. */
  public static void checkSeconds(CommandSpec spec, double seconds) {
    if (!(seconds > 0 && seconds <= 86_400)) {
      throw wrong(spec, "--seconds", "more than 0 and up to 86400", seconds);
    }
  }
}
