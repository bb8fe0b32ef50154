package dev.octet.cli.selftest;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The JVM in which an engine is tested: takes a task from standard input and tells events on the output. */
public final class TesterMain {
  private TesterMain() {}

  /**
   * Tests.
   *
   * @param args none
   * @throws IOException if there is no task
   */
  public static void main(String[] args) throws IOException {
    Locale.setDefault(Locale.ROOT);
    // Each line goes out at once: the last one names the case that ends a JVM.
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    new Tester(Wire.task(in.readLine()), Tester.AS_IT_IS, event -> {
      out.println(Wire.line(event));
      if (out.checkError()) {
        System.exit(1); // nobody listens any more
      }
    }).run();
  }
}
