package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Where operands and results of one run lie: on the heap or in native memory, at any alignment. Results lie
 * between margins that no engine may touch.
 */
final class Memory {
  private static final int MARGIN = 64;
  /** What an op never wrote to. */
  private static final byte UNTOUCHED = (byte) 0xa5;

  private record Margins(Output output, MemorySegment before, MemorySegment after) {}

  private final Arena arena;
  private final Dice dice;
  /** Of eight operands, this many lie on the heap. */
  private final int heap;
  private final List<Margins> results = new ArrayList<>();

  Memory(Arena arena, Dice dice) {
    this.arena = arena;
    this.dice = dice;
    this.heap = dice.pick(0, 0, 4, 8);
  }

  private MemorySegment allocate(long bytes) {
    int offset = dice.oneIn(2) ? 0 : dice.between(0, 63);
    MemorySegment whole = dice.between(0, 7) < heap
        ? MemorySegment.ofArray(new byte[Math.toIntExact(offset + bytes)])
        : arena.allocate(offset + bytes, 64);
    return whole.asSlice(offset, bytes);
  }

  /** An operand. */
  MemorySegment of(byte[] values) {
    return allocate(values.length).copyFrom(MemorySegment.ofArray(values));
  }

  /** An operand. */
  MemorySegment of(int[] values) {
    return allocate(4L * values.length).copyFrom(MemorySegment.ofArray(values));
  }

  /** An operand. */
  MemorySegment of(float[] values) {
    return allocate(4L * values.length).copyFrom(MemorySegment.ofArray(values));
  }

  /** An operand of rows with gaps after each, whose content is that of no row. */
  MemorySegment rows(MemorySegment dense, long row, long stride) {
    long rows = row == 0 ? 0 : dense.byteSize() / row;
    MemorySegment placed = allocate(rows * stride).fill(UNTOUCHED);
    for (long i = 0; i < rows; i++) {
      MemorySegment.copy(dense, i * row, placed, i * stride, row);
    }
    return placed;
  }

  /** Memory for a result. */
  Output result(String name, DataType type, Shape shape) {
    long bytes = type.bytes(shape.elements());
    MemorySegment whole = allocate(bytes + 2 * MARGIN).fill(UNTOUCHED);
    Output output = new Output(name, type, shape, whole.asSlice(MARGIN, bytes));
    results.add(new Margins(output, whole.asSlice(0, MARGIN), whole.asSlice(MARGIN + bytes)));
    return output;
  }

  /** Which result was written beyond its ends, in words; null if none. */
  String overrun() {
    for (Margins margins : results) {
      if (touched(margins.before)) {
        return "memory before " + margins.output.name() + " was written to";
      }
      if (touched(margins.after)) {
        return "memory behind " + margins.output.name() + " was written to";
      }
    }
    return null;
  }

  private static boolean touched(MemorySegment margin) {
    for (long i = 0; i < margin.byteSize(); i++) {
      if (margin.get(ValueLayout.JAVA_BYTE, i) != UNTOUCHED) {
        return true;
      }
    }
    return false;
  }
}
