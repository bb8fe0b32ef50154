package dev.octet.harness.example;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.harness.report.Comparison;
import dev.octet.harness.report.Machine;
import dev.octet.harness.report.Origin;
import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.report.RoundsFile;
import dev.octet.harness.report.TurnsTable;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Peer;
import dev.octet.harness.turns.Contest;
import dev.octet.harness.turns.Effort;
import dev.octet.op.MatMul;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The program of bench/README.md: a product of one's own beside Octet's. */
public final class OwnPeer {
  private OwnPeer() {}

  /** What somebody has of their own: U8 rows times S8 weights to S32. */
  static void multiply(byte[] x, byte[] w, int[] y, int m, int k, int n) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        int sum = 0;
        for (int p = 0; p < k; p++) {
          sum += (x[i * k + p] & 0xFF) * w[p * n + j];
        }
        y[i * n + j] = sum;
      }
    }
  }

  /**
   * Measures, keeps the run, and compares it with an earlier one.
   *
   * @param csv takes the medians; the rounds come beside it
   * @param earlier a run that was kept
   * @throws IOException if a file cannot be read or written
   * @throws InterruptedException if the thread was interrupted
   */
  public static void measure(Path csv, Path earlier) throws IOException, InterruptedException {
    // README
    int m = 4;
    int k = 64;
    int n = 96;
    byte[] x = new byte[m * k];
    byte[] w = new byte[k * n];
    int[] y = new int[m * n];
    BenchCase work = BenchCase.of("mine", "matmul", m + "x" + k + "x" + n, "u8s8s32", 1);
    try (Octet octet = Octet.open(); Arena arena = Arena.ofConfined(); Contest contest = new Contest()) {
      QTensor weights = QTensor.of(DataType.S8, Shape.of(k, n), Quantization.perTensor(1),
          arena.allocate((long) k * n));
      MatMul product = octet.matMul().input(DataType.U8, Quantization.perTensor(1))
          .weights(weights, WeightLayout.IN_OUT).outputS32().prepare();
      MemorySegment rows = arena.allocate((long) m * k);
      MemorySegment sums = arena.allocate(4L * m * n);
      contest.add(work.by(Peer.of(product.engine())), product.kernel(), times -> {
        for (long i = 0; i < times; i++) {
          product.run(rows, sums, m);
        }
      });
      contest.add(work, "mine: three loops", times -> {
        for (long i = 0; i < times; i++) {
          multiply(x, w, y, m, k, n);
        }
      });
      List<RoundTimes> times = contest.time(new Effort(0.1, 11, 101, 2));
      TurnsTable.lines(times).forEach(System.out::println);
      System.out.println("Octet is faster by " + times.getFirst().over(times.getLast()));

      Origin origin = new Origin(Machine.here(), "my-bench", Origin.commitOf(Path.of("")),
          List.of("mine 1.0"), false);
      RoundsFile run = RoundsFile.of(origin, times);
      run.write(csv); // and the times of every round beside it
      if (Files.exists(RoundsFile.rounds(earlier))) {
        Comparison.lines("the earlier run", RoundsFile.read(earlier), run).forEach(System.out::println);
      }
    }
    // README
  }
}
