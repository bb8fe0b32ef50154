package dev.octet.cli;

import dev.octet.Octet;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What is said of a wrong command line: what is wrong, at the end of all that is said, and where to read
 * more.
 */
final class UsageErrors implements IParameterExceptionHandler {
  static final int CODE = 2;

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    String name = command.getCommandSpec().qualifiedName();
    if (command.getParent() == null && !(e instanceof UnmatchedArgumentException)) {
      command.usage(err); // octet alone
      return CODE;
    }
    err.println(command.getColorScheme().errorText("octet: " + Plain.text(message(e, command))));
    UnmatchedArgumentException.printSuggestions(e, err);
    err.print("usage: " + command.getHelp().synopsis("usage: ".length()));
    err.println(name + " --help tells more");
    return CODE;
  }

  private static String message(ParameterException e, CommandLine command) {
    if (!(e instanceof UnmatchedArgumentException unmatched)) {
      return e.getMessage();
    }
    String first = unmatched.getUnmatched().getFirst();
    String kind = unmatched.isUnknownOption()
        ? "unknown option"
        : command.getParent() == null ? "unknown command" : "unexpected argument";
    return kind + ": " + first;
  }

  /** Of options that do not go together, or a value that is out of range. */
  static ParameterException wrong(CommandSpec spec, String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Refuses a number of threads that no Octet takes. */
  static void checkThreads(CommandSpec spec, int threads) {
    try {
      Octet.builder().threads(threads);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
  }

  /** From text; an empty one would be the working directory. */
  static Path path(String text) {
    if (text.isEmpty()) {
      throw new TypeConversionException("expected the name of a file or folder, got an empty text");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new TypeConversionException("expected the name of a file or folder: " + e.getMessage());
    }
  }
}
