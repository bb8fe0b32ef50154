package dev.octet.bench.subject;

import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Peer;
import java.io.IOException;
import java.nio.file.Path;

/** Opens cases. */
public final class Subjects {
  /**
   * The system property that keeps threads of ONNX Runtime from spinning while they wait for work, so that
   * they do not disturb whoever takes the next turn.
   */
  public static final String PASSIVE = "octet.bench.passive";

  private Subjects() {}

  /**
   * Prepares a case as it is timed.
   *
   * @param benchCase the case, not of ggml or a peer outside the JVM
   * @return the subject
   * @throws UnsupportedOperationException if the peer does not offer this, with its reason
   * @throws IllegalStateException if another engine than the one asked for would run
   */
  public static Subject open(BenchCase benchCase) {
    return open(benchCase, Inputs.Weights.FULL);
  }

  /**
   * Prepares a static product of Octet over packed weights in a file.
   *
   * @param benchCase the product
   * @param file what {@link #writePacked} wrote for the same case
   */
  public static Subject openMapped(BenchCase benchCase, Path file) {
    return OctetSubject.openMapped(benchCase, file);
  }

  /**
   * Writes the packed weights of a static product of Octet.
   *
   * @param benchCase the product
   * @param file the file
   * @throws IOException if that fails
   */
  public static void writePacked(BenchCase benchCase, Path file) throws IOException {
    OctetSubject.writePacked(benchCase, file);
  }

  /** Nanoseconds that making the operands of cases took in this process. */
  public static long inputNanos() {
    return Inputs.nanos();
  }

  static Subject open(BenchCase benchCase, Inputs.Weights weights) {
    Peer peer = benchCase.peer();
    if (peer == Peer.OCTET_ONEDNN && benchCase.form().isFloat()) {
      return FloatSubject.open(benchCase, weights);
    } else if (peer.engine() != null) {
      return OctetSubject.open(benchCase, weights);
    } else if (peer == Peer.JAVA_WIDENING || peer == Peer.JAVA_LOOP || peer == Peer.JAVA_F32) {
      return JavaSubject.open(benchCase, weights);
    } else if (peer == Peer.ORT) {
      return OrtSubject.open(benchCase, weights);
    } else if (peer == Peer.ORT_U8) {
      return OrtSubject.open(benchCase.in(benchCase.form().withUnsignedActivations()), weights);
    } else if (peer == Peer.MKL) {
      return MklSubject.open(benchCase, weights);
    }
    throw new IllegalArgumentException("peer \"" + peer + "\" runs no cases in this process");
  }
}
