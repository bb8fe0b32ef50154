package dev.octet.internal.vector.simd;

import dev.octet.BinaryOp;
import dev.octet.engine.BinaryLaw;
import dev.octet.internal.vector.loops.Corners;
import dev.octet.internal.vector.loops.Span;
import dev.octet.internal.vector.loops.TapLine;
import dev.octet.internal.vector.loops.Taps;
import dev.octet.internal.vector.loops.Target;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The {@link WarmUp} of loops over elements, of depthwise convolution, of resizes and of functions of floats:
 * the first quantize of 98,304 floats of a JVM took 1.8 s on them and 0.06 s on plain loops (a busy machine).
 */
public final class ElementWarmUp {
  private static final WarmUp WARM_UP = new WarmUp(Round::new);

  private ElementWarmUp() {}

  /**
   * Whether the loops are compiled; from the first time on that this is asked, work to that end goes on.
   *
   * @return true once they are
   */
  public static boolean isOver() {
    return WARM_UP.isOver();
  }

  /**
   * Every loop once, but one binary op of all: with vectors of bytes, vectors of ints beyond those, and a
   * tail, whatever the width.
   */
  private static final class Round implements WarmUp.Rounds {
    /** Four of the widest vectors. */
    private static final int COUNT = 4 * 64;

    private final SimdElements elements = new SimdElements();
    private final SimdConv convolutions = new SimdConv();
    private final SimdResize resizes = new SimdResize();
    private final SimdFunctions functions = new SimdFunctions();
    private final Corners corners = new Corners();
    private final TapLine line = new TapLine(COUNT);
    private final Arena confined = Arena.ofConfined();
    private final Arena shared = Arena.ofShared();
    /**
     * Memory of every kind that callers have: C2 compiles an access for the kinds of scopes that it has seen,
     * and what it has not seen throws the code away, to be interpreted until it is compiled anew.
     */
    private final Memory[] memories = {new Memory(confined), new Memory(shared), new Memory(Arena.ofAuto()),
        new Memory(Arena.global())};
    private final Span span = new Span();
    private final Taps taps = new Taps();
    private final Target target = new Target(3, 0, 255);
    private final BinaryLaw[] laws = laws();
    private final float[] scales = new float[COUNT];
    private final int[] zeroPoints = new int[COUNT];
    private final int[] sums = new int[2 * COUNT];
    private final byte[] table = new byte[COUNT];
    private final short[] shorts = new short[2 * COUNT];
    private final float[] copies = new float[2 * COUNT];
    private final int[] offsets = new int[3];

    private static BinaryLaw[] laws() {
      BinaryOp[] ops = BinaryOp.values();
      BinaryLaw[] laws = new BinaryLaw[ops.length];
      for (int i = 0; i < laws.length; i++) {
        laws[i] = new BinaryLaw(ops[i], 1, 2, 3, 4, 5, 6, 7, 0, 255);
      }
      return laws;
    }

    @Override
    public void run(int number) {
      Memory memory = memories[number / 8 % memories.length];
      MemorySegment bytes = memory.bytes;
      boolean unsigned = number % 2 == 0;
      int count = 2 * 64 + 28 + number % 4;
      toBytes(memory, count);
      dequantize(memory, unsigned, count);
      span.left = bytes;
      span.right = bytes;
      span.dst = bytes;
      span.leftStep = 1;
      span.rightStep = number / 2 % 2;
      // One a round: with all six a compiled round took 6 to 9 us, too near to what a slow one takes.
      elements.binary(span, unsigned, laws[number / 4 % laws.length]);
      elements.lookup(span, table);
      taps.rows = 2;
      taps.columns = 2;
      taps.rowStep = count;
      taps.columnStep = 1;
      elements.max(bytes, taps, unsigned, bytes, 0, count);
      elements.sums(bytes, taps, unsigned, sums, count);
      elements.round(sums, 5, 0.5f, target, bytes, 0, count);
      convolutions.depthwise(shorts, 0, shorts, offsets, offsets, offsets.length, sums, 0, count, copies);
      convolutions.copy(copies, 0, copies, COUNT, count);
      convolutions.centre(table, count, unsigned ? 0x80 : 0, 3, shorts, 0);
      functions(count);
      resizes.gather(copies, zeroPoints, line.first(), count);
      resizes.blend(line, line, line, 0.5f, 0.25f, memory.spare, 0, count);
      resizes.blend(bytes, corners, unsigned, memory.spare, 0, count);
    }

    private void functions(int count) {
      functions.multiply(copies, 0.5f, count);
      functions.add(copies, scales, count);
      functions.exponentials(copies, functions.largest(copies, count), count);
      functions.sums(copies, scales, count);
      functions.squares(copies, 0.5f, scales, count);
      functions.normalize(copies, 0.5f, scales, scales, 0, count);
      functions.gelu(copies, count);
      functions.geluTanh(copies, count);
      Arrays.fill(copies, 0);
      Arrays.fill(scales, 0);
    }

    private void toBytes(Memory memory, int count) {
      span.left = memory.floats;
      span.dst = memory.bytes;
      span.count = count;
      elements.quantize(span, 0.5f, target);
      elements.quantize(span, scales, zeroPoints, 0, target);
      elements.requantize(span, scales, zeroPoints, 0, target);
      elements.requantize(sums, 0, span, scales, zeroPoints, 0, target);
      if (elements.range(span) != 0) {
        throw new AssertionError("zeros have another range than 0");
      }
    }

    private void dequantize(Memory memory, boolean unsigned, int count) {
      span.left = memory.bytes;
      span.dst = memory.spare;
      span.count = count;
      elements.dequantize(span, unsigned, 0.5f, 3);
      elements.dequantize(span, unsigned, scales, zeroPoints, 0);
    }

    @Override
    public void close() {
      confined.close();
      shared.close();
    }
  }

  /** Floats, spare floats and bytes. */
  private record Memory(MemorySegment floats, MemorySegment spare, MemorySegment bytes) {
    Memory(Arena arena) {
      this(arena.allocate(4 * Round.COUNT, 64), arena.allocate(4 * Round.COUNT, 64),
          arena.allocate(3 * Round.COUNT, 64));
    }
  }
}
