package dev.octet.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One of the programs of bench/native. Where no compiler was there is none. */
public final class NativeProgram {
  private final Path program;

  /**
   * A program by its name.
   *
   * @param folder where they were built
   * @param name the name
   */
  public NativeProgram(Path folder, String name) {
    this.program = folder.resolve(name);
  }

  /** Whether it was built. */
  public boolean isThere() {
    return Files.isExecutable(program);
  }

  /**
   * Runs it.
   *
   * @param input its standard input
   * @param arguments its arguments
   * @return the lines that it wrote
   * @throws IOException if it fails
   * @throws InterruptedException if the thread was interrupted while it ran
   */
  public List<String> run(String input, List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    try (Writer in = process.outputWriter()) {
      in.write(input);
    }
    List<String> lines;
    try (BufferedReader out = process.inputReader()) {
      lines = out.lines().toList();
    }
    int code = process.waitFor();
    if (code != 0) {
      throw new IOException(
          program.getFileName() + " ended with code " + code + " on \"" + input.strip() + "\"");
    }
    return lines;
  }
}
