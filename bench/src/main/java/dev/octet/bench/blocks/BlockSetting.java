package dev.octet.bench.blocks;

import dev.octet.BlockFormat;
import dev.octet.harness.report.Measurement;
import dev.octet.harness.shape.Peer;
import java.util.Locale;

/**
 * What is measured together.
 *
 * @param format of the weights
 * @param size their rows and columns
 * @param m rows of a call
 * @param matrices that calls use in rotation
 * @param threads of a call
 */
record BlockSetting(BlockFormat format, int size, int m, int matrices, int threads) {
  /** The bytes of a matrix. */
  long weightBytes() {
    return Ggml.bytes(format, (long) size * size);
  }

  /** The operations of a call, a product and its addition being two. */
  long operations() {
    return 2L * m * size * size;
  }

  /** The column "dtype" of results.csv. */
  String dtype() {
    return "f32" + format.name().toLowerCase(Locale.ROOT) + "f32";
  }

  /** A row of results.csv. */
  Measurement measured(Peer peer, double micros, String kernel) {
    return new Measurement(peer.toString(), matrices == 1 ? "matmul" : "matmul-" + matrices + "matrices",
        m + "x" + size + "x" + size, dtype(), threads, micros, operations() / micros * 1e-3, kernel,
        Double.NaN);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%dx%dx%d %s, %s of %.1f MB, %s", m, size, size, dtype(),
        matrices == 1 ? "one matrix" : matrices + " matrices in rotation", weightBytes() * 1e-6,
        threads == 1 ? "1 thread" : threads + " threads");
  }
}
