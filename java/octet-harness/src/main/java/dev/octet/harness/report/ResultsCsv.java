package dev.octet.harness.report;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes results.csv, each row as soon as it is there: a run that is broken off leaves what it had. */
public final class ResultsCsv implements AutoCloseable {
  private final BufferedWriter out;

  /**
   * Begins the file anew.
   *
   * @param file the file; its folder is made
   * @param origin where the run comes from; comments of the file
   * @throws IOException if that fails
   */
  public ResultsCsv(Path file, Origin origin) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    this.out = Files.newBufferedWriter(file);
    for (String comment : origin.lines()) {
      line("# " + comment);
    }
    line(Measurement.HEADER);
  }

  /**
   * Reads a file.
   *
   * @param file the file
   * @param origin takes its comments
   * @return its rows
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if a line is none, with file and line number
   */
  public static List<Measurement> read(Path file, List<String> origin) throws IOException {
    return CommentedCsv.read(file, Measurement.HEADER, origin, Measurement::parse);
  }

  /** Adds a row. */
  public void add(Measurement measurement) throws IOException {
    line(measurement.toCsv());
  }

  private void line(String text) throws IOException {
    out.write(text);
    out.write('\n');
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
