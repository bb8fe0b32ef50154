package dev.octet.bench.blocks;

import dev.octet.BlockTensor;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.bench.foreign.LimitLoops;
import dev.octet.harness.report.Measurement;
import dev.octet.harness.report.Rounds;
import dev.octet.harness.shape.Peer;
import dev.octet.harness.turns.Effort;
import dev.octet.harness.turns.Turns;
import dev.octet.op.DynamicMatMul;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.LongConsumer;

/** Those who take turns in a setting, on the same weights and rows. */
final class BlockContest implements AutoCloseable {
  private static final long SEED = 15;
  /** Outputs of the first row that are checked. */
  private static final int CHECKED = 16;
  /** Error of these, as a share of their root mean square: everybody quantizes the rows to 8 bits. */
  private static final double BOUND = 0.02;
  private static final String LINE = "  %-14s %11s  %-18s %8s  %s";
  /** What stands above the lines. */
  static final String HEADER = String.format(LINE, "", "median us", "x ggml [p10 p90]", "of limit", "kernel");

  private final BlockSetting setting;
  private final Arena arena = Arena.ofShared();
  private final Deque<Runnable> closing = new ArrayDeque<>();
  private final BlockTensor weights;
  private final MemorySegment rows;
  private final double[] expected;
  private final List<Entrant> entrants = new ArrayList<>();

  /**
   * One of them.
   *
   * @param peer who
   * @param kernel what runs
   * @param passes multiplies all matrices so many times
   */
  private record Entrant(Peer peer, String kernel, LongConsumer passes) {}

  BlockContest(BlockSetting setting) {
    this.setting = setting;
    Random random = new Random(SEED);
    MemorySegment blocks = arena.allocate(setting.weightBytes(), 64);
    RandomBlocks.fill(setting.format(), blocks, RandomBlocks.Scales.ALIKE, random);
    this.weights = BlockTensor.of(setting.format(), Shape.of(setting.size(), setting.size()), blocks);
    this.rows = arena.allocate((long) setting.m() * setting.size() * Float.BYTES, 64);
    for (long i = 0; i < rows.byteSize() / Float.BYTES; i++) {
      rows.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
    this.expected = firstOutputs();
  }

  private double[] firstOutputs() {
    double[] outputs = new double[CHECKED];
    float[] row = new float[setting.size()];
    for (int n = 0; n < CHECKED; n++) {
      weights.dequantize(n, row);
      for (int k = 0; k < row.length; k++) {
        outputs[n] += (double) row[k] * rows.getAtIndex(ValueLayout.JAVA_FLOAT, k);
      }
    }
    return outputs;
  }

  /** Adds what the machine can do: for one row reading the weights, for more of them multiplying bytes. */
  void addLimit(LimitLoops loops) {
    if (setting.m() > 1) {
      entrants
          .add(new Entrant(Peer.LIMIT, "multiply", times -> loops.multiply(times * setting.operations())));
      return;
    }
    LimitLoops.Memory memory = loops.new Memory(setting.weightBytes() * setting.matrices());
    closing.push(memory::close);
    entrants.add(new Entrant(Peer.LIMIT, "read", memory::read));
  }

  /** Adds ggml. */
  void addGgml(Ggml ggml) {
    GgmlThreads threads = new GgmlThreads(ggml, setting.threads());
    closing.push(threads::close);
    GgmlProduct product = new GgmlProduct(ggml, setting.format(),
        Collections.nCopies(setting.matrices(), weights.data()), setting.m(), setting.size(), setting.size(),
        threads);
    closing.push(product::close);
    product.input().copyFrom(rows);
    add(Peer.GGML, product.memory(), () -> {
      product.run();
      threads.rest();
    });
    for (int i = 0; i < setting.matrices(); i++) {
      check(Peer.GGML, product.output(i));
    }
  }

  /**
   * Adds Octet on the engine of a peer.
   *
   * @throws UnsupportedOperationException if the engine does not offer this
   */
  void addOctet(Peer peer) {
    Octet octet = Octet.builder().engine(peer.engine()).threads(setting.threads()).open();
    closing.push(octet::close);
    List<DynamicMatMul> products = new ArrayList<>();
    for (int i = 0; i < setting.matrices(); i++) {
      products.add(octet.dynamicMatMul().weights(weights).prepare());
    }
    MemorySegment output = arena.allocate((long) setting.m() * setting.size() * Float.BYTES, 64);
    add(peer, products.getFirst().kernel(), () -> {
      for (DynamicMatMul product : products) {
        product.run(rows, output, setting.m());
      }
    });
    check(peer, output);
  }

  /** Adds somebody, who has multiplied all matrices once then. */
  private void add(Peer peer, String kernel, Runnable pass) {
    pass.run();
    entrants.add(new Entrant(peer, kernel, times -> {
      for (long i = 0; i < times; i++) {
        pass.run();
      }
    }));
  }

  private void check(Peer peer, MemorySegment outputs) {
    double error = 0;
    double power = 0;
    for (int n = 0; n < CHECKED; n++) {
      double difference = outputs.getAtIndex(ValueLayout.JAVA_FLOAT, n) - expected[n];
      error += difference * difference;
      power += expected[n] * expected[n];
    }
    double share = Math.sqrt(error / power);
    if (!(share < BOUND)) {
      throw new IllegalStateException(peer + ", " + setting + ": error " + share + " of the first outputs");
    }
  }

  /**
   * Times everybody by turns, see {@link Turns#time}.
   *
   * @param effort how long
   * @param lines takes a line for each
   * @return rows of results.csv
   */
  List<Measurement> time(Effort effort, List<String> lines) {
    Rounds rounds = Turns.time(entrants.stream().map(Entrant::passes).toList(), effort, setting.threads());
    List<Measurement> measured = new ArrayList<>();
    int ggml = index(Peer.GGML);
    int limit = index(Peer.LIMIT);
    for (int i = 0; i < entrants.size(); i++) {
      Entrant entrant = entrants.get(i);
      double micros = rounds.medianMicros(i) / setting.matrices();
      measured.add(setting.measured(entrant.peer, micros, entrant.kernel));
      lines.add(String.format(LINE, entrant.peer, String.format("%.1f", micros),
          ggml < 0 || i == ggml || i == limit
              ? ""
              : String.format("%.2f [%.2f %.2f]", rounds.ratio(i, ggml, 0.5), rounds.ratio(i, ggml, 0.1),
                  rounds.ratio(i, ggml, 0.9)),
          limit < 0 || i == limit ? "" : String.format("%.2f", rounds.ratio(i, limit, 0.5)), entrant.kernel));
    }
    return measured;
  }

  private int index(Peer peer) {
    return entrants.stream().map(Entrant::peer).toList().indexOf(peer);
  }

  @Override
  public void close() {
    while (!closing.isEmpty()) {
      closing.pop().run();
    }
    arena.close();
  }
}
