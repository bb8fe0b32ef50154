package dev.octet.harness.report;

import dev.octet.harness.shape.BenchCase;
import java.util.Locale;

/**
 * A row of results.csv, and what only the table shows.
 *
 * @param peer see {@link dev.octet.harness.shape.Peer}
 * @param op see {@link dev.octet.harness.shape.BenchOp}; of the peer limit also dot, fma, read, call
 * @param shape see {@link dev.octet.harness.shape.BenchShape}; of a limit the instruction or level of memory
 * @param dtype see {@link dev.octet.harness.shape.Form}
 * @param threads threads of a call
 * @param medianMicros microseconds, the median
 * @param gops billions of operations a second; of element-wise ops elements, of reads bytes
 * @param kernel what ran, or ""
 * @param bytesPerRun garbage of a run, or NaN
 */
public record Measurement(String peer, String op, String shape, String dtype, int threads,
    double medianMicros,
    double gops, String kernel, double bytesPerRun) {
  /** The first line of results.csv. */
  public static final String HEADER = "peer,op,shape,dtype,threads,median_us,gops";

  /** A measured case. */
  public static Measurement of(BenchCase benchCase, double micros, String kernel, double bytesPerRun) {
    return new Measurement(benchCase.peer().toString(), benchCase.op().toString(),
        benchCase.shape().toString(),
        benchCase.form().toString(), benchCase.threads(), micros,
        benchCase.shape().operations() / micros * 1e-3, kernel,
        bytesPerRun);
  }

  /**
   * A row of results.csv.
   *
   * @param line the row
   * @return the measurement, without kernel and garbage
   * @throws IllegalArgumentException if it is none
   */
  public static Measurement parse(String line) {
    String[] cells = line.split(",", -1);
    try {
      if (cells.length == 7) {
        return new Measurement(cells[0], cells[1], cells[2], cells[3], Integer.parseInt(cells[4]),
            Double.parseDouble(cells[5]), Double.parseDouble(cells[6]), "", Double.NaN);
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("expected " + HEADER + ", got \"" + line + "\"", e);
    }
    throw new IllegalArgumentException("expected " + HEADER + ", got \"" + line + "\"");
  }

  /** The row of results.csv; three decimals: nanoseconds. */
  public String toCsv() {
    return String.format(Locale.ROOT, "%s,%s,%s,%s,%d,%.3f,%.3f", peer, op, shape, dtype, threads,
        medianMicros, gops);
  }
}
