package dev.octet.bench.report;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes results.csv, each row as soon as it is there: a run that is broken off leaves what it had. */
public final class ResultsCsv implements AutoCloseable {
  private final BufferedWriter out;

  /**
   * Begins the file anew.
   *
   * @param file the file; its folder is made
   * @throws IOException if that fails
   */
  public ResultsCsv(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    this.out = Files.newBufferedWriter(file);
    line(Measurement.HEADER);
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
