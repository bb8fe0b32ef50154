package dev.octet.internal.vector.simd;

import dev.octet.internal.vector.loops.GroupedPanel;
import dev.octet.internal.vector.loops.GroupedRows;
import dev.octet.internal.vector.loops.ProductLoops;
import dev.octet.internal.vector.loops.QuantizedRow;
import java.util.function.Supplier;

/**
 * Vector loops are what makes them fast only after C2 has compiled them: before, every vector is an object
 * and every operation on it some calls. The first 64 x 768 x 768 of a JVM took 14.6 s on them and 0.5 s on
 * plain loops (a busy machine). So plain loops, which give the same results, run until a thread of its own
 * has run the vector loops on little arrays so often that they are compiled; it starts with the first
 * product, takes some seconds of one core, and ends. Where it never sees them become fast (only an
 * interpreter, only C1), plain loops stay.
 *
 * <p>
 * {@code -Doctet.vector.eager=true} makes the first product wait for it, for those who measure.
 */
final class WarmUp {
  private static final String EAGER = "octet.vector.eager";
  /**
   * A round of products takes 0.3 us compiled by C2, one over elements 2 to 3 us; by C1 31 us and more, and
   * interpreted 10 ms.
   */
  private static final long QUICK_NANOS = 15_000;
  /** Rounds: C2 comes to one loop after the other, and some rounds are quick before it is done. */
  private static final int QUICK_ROUNDS = 1000;
  /**
   * How many quick rounds a slow one undoes. All of them would be too much: where the timer interrupts a
   * thread a thousand times a second there are no thousand rounds of 2 us in a row, and vector loops were
   * never taken for compiled.
   */
  private static final int SLOW_ROUND = 50;
  private static final long LONGEST_NANOS = 60_000_000_000L;
  /** A round multiplies by so many rows of a panel, or one or two or three more. */
  private static final int DEPTH = 24;
  private static final int[] COUNTS = {8, 4, 2, 1};
  /**
   * A row alone is as long, in groups of so many: with shorter ones C2, which goes by what it saw, makes
   * loops that take three times as long for rows as they are.
   */
  private static final int ROW = 256;
  private static final int GROUP = 32;

  /** Work that goes through every loop, by all its ways; used by one thread, closed by it. */
  interface Rounds extends AutoCloseable {
    /** One round, with its number. */
    void run(int number);

    @Override
    default void close() {}
  }

  private final Supplier<Rounds> rounds;
  private final Thread thread = Thread.ofPlatform().daemon().name("octet-warm-up")
      .unstarted(this::run);
  private volatile boolean over;
  private volatile boolean compiled;

  /** Of products. */
  WarmUp(VectorProducts loops) {
    this(() -> new Round(loops));
  }

  /**
   * Of any loops.
   *
   * @param rounds makes what runs every loop once
   */
  WarmUp(Supplier<Rounds> rounds) {
    this.rounds = rounds;
  }

  /**
   * Whether the vector loops are fast; from the first time on that this is asked, work to that end goes on.
   */
  boolean isOver() {
    return compiled || (!over && begin());
  }

  private synchronized boolean begin() {
    if (thread.getState() == Thread.State.NEW) {
      thread.start();
      if (Boolean.getBoolean(EAGER)) {
        join();
      }
    }
    return compiled;
  }

  private void join() {
    boolean interrupted = false;
    while (!over) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try (Rounds round = rounds.get()) {
      long start = System.nanoTime();
      int quick = 0;
      for (int i = 0; quick < QUICK_ROUNDS && System.nanoTime() - start < LONGEST_NANOS; i++) {
        long before = System.nanoTime();
        round.run(i);
        quick = System.nanoTime() - before < QUICK_NANOS ? quick + 1 : Math.max(0, quick - SLOW_ROUND);
      }
      compiled = quick == QUICK_ROUNDS;
    } finally {
      over = true;
    }
  }

  /** Every loop once, by all its ways. */
  private static final class Round implements Rounds {
    private final VectorProducts loops;
    private final int width;
    private final float[] rows = new float[8 * ProductLoops.STRIDE];
    private final float[][] sums;
    private final byte[] weights;
    private final byte[] panel;
    private final float[] floats;
    private final byte[] zeroPoints;
    private final int[] accumulators;
    private final float[] results;
    private final float[] scales;
    private final GroupedRows groupedRows = new GroupedRows(rows, 8);
    private final int[] rowSums = new int[ProductLoops.ROW_SUMS];
    private final QuantizedRow row = new QuantizedRow();
    private final GroupedPanel[] grouped;

    Round(VectorProducts loops) {
      this.loops = loops;
      this.width = loops.panelColumns(1);
      this.sums = new float[8][width];
      this.weights = new byte[2 * DEPTH * width];
      this.panel = new byte[2 * DEPTH * width];
      this.floats = new float[2 * DEPTH * width];
      this.zeroPoints = new byte[width];
      this.accumulators = new int[8 * width];
      this.results = new float[8 * width];
      this.scales = new float[width];
      groupedRows.groupSize(GROUP);
      row.begin(ROW, GROUP);
      byte[] bytes = new byte[ROW * width];
      byte[] zeros = new byte[ROW / GROUP * width];
      float[] groups = new float[zeros.length];
      this.grouped = new GroupedPanel[]{new GroupedPanel(bytes, null, groups, null, GROUP),
          new GroupedPanel(bytes, null, groups, groups, GROUP),
          new GroupedPanel(bytes, zeros, groups, null, GROUP),
          new GroupedPanel(bytes, zeros, groups, groups, GROUP)};
    }

    @Override
    public void run(int number) {
      boolean even = number % 2 == 0;
      int depth = DEPTH + number % 4;
      for (int count : COUNTS) {
        loops.multiply(rows, 0, count, weights, 0, depth, width, sums);
      }
      for (int count : COUNTS) {
        loops.multiplyAdd(rows, count, floats, 0, depth, width, sums);
      }
      loops.add(sums, 8, width, accumulators, 0, width, even);
      loops.addScaled(sums, 8, width, even ? null : scales, 0, 1, scales, 0, results, 0, width);
      for (GroupedPanel part : grouped) {
        loops.multiplyRow(row, part, ROW - number % 4, rowSums, results, 0);
      }
      loops.unpack(weights, 0, DEPTH / 2, width, zeroPoints, 0, panel, 0);
      for (int count : COUNTS) {
        loops.multiplyGroups(groupedRows, 0, count, weights, 0, depth, width, GROUP, scales, 0,
            even ? null : scales, sums, results, 0, width);
      }
      loops.widen(weights, 3 * width + number % 4, even ? 0 : 0x80, rows, 0);
      loops.quantize(results, 0, 4 * width - number % 4);
    }
  }
}
