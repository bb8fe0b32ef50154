package dev.octet.bench.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** Command lines that are wrong, for tests of the programs. */
public final class WrongUsage {
  private WrongUsage() {}

  /**
   * Expects exit status 2 and two lines: what is wrong, without a stack trace, and where the options are.
   *
   * @return what is wrong
   */
  public static String of(CommandLine command, String name, String... args) {
    StringWriter err = new StringWriter();
    assertEquals(Usage.WRONG, command.setErr(new PrintWriter(err)).execute(args), err.toString());
    String said = err.toString();
    assertEquals(2, said.lines().count(), said);
    assertTrue(said.endsWith(name + " --help lists the options" + System.lineSeparator()), said);
    String first = said.lines().findFirst().orElseThrow();
    assertTrue(first.startsWith(name + ": "), said);
    return first.substring(name.length() + 2);
  }
}
