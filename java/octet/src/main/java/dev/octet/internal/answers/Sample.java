package dev.octet.internal.answers;

import dev.octet.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The operands of a run, made of a seed: the same for both engines. Each lies at an odd multiple of 4 bytes,
 * and is followed by bytes that nobody may change.
 */
final class Sample {
  /** Wider than any vector that is stored. */
  private static final int BEHIND = 64;
  private static final byte UNTOUCHED = 0x5a;

  /**
   * An operand with what lies behind it.
   *
   * @param name for messages
   */
  private record Operand(String name, MemorySegment all) {}

  private final Arena arena;
  private final SplittableRandom random;
  private final boolean isReference;
  private final List<Operand> operands = new ArrayList<>();

  Sample(Arena arena, long seed, boolean isReference) {
    this.arena = arena;
    this.random = new SplittableRandom(seed);
    this.isReference = isReference;
  }

  /** Whether the engine that is right runs on these operands. */
  boolean isReference() {
    return isReference;
  }

  private MemorySegment operand(String name, long bytes) {
    MemorySegment all = arena.allocate(4 + bytes + BEHIND, 64).asSlice(4);
    all.fill(UNTOUCHED);
    operands.add(new Operand(name, all));
    return all.asSlice(0, bytes);
  }

  private MemorySegment operand(long bytes) {
    return operand("operand " + (operands.size() + 1), bytes);
  }

  /** Memory for a result. */
  MemorySegment result(long bytes) {
    return operand("result", bytes);
  }

  /** Memory for one of several results. */
  MemorySegment result(String name, long bytes) {
    return operand(name, bytes);
  }

  /** Bytes of any value; a seventh of them has all bits or none, which are the ends of U8 and U4. */
  MemorySegment bytes(long count) {
    byte[] bytes = new byte[Math.toIntExact(count)];
    random.nextBytes(bytes);
    for (int i = 0; i < bytes.length; i += 7) {
      bytes[i] = (byte) (bytes[i] >> 7);
    }
    return operand(count).copyFrom(MemorySegment.ofArray(bytes));
  }

  /** Floats from -4 to 4. */
  MemorySegment floats(long count) {
    return floats(count, 0, 4);
  }

  /** Scales of rows or columns, from 0.01 to 0.03. */
  MemorySegment scales(long count) {
    return floats(count, 0.02f, 0.01f);
  }

  private MemorySegment floats(long count, float middle, float most) {
    MemorySegment floats = operand(4 * count);
    float step = most * 0x1p-31f;
    for (long i = 0; i < count; i++) {
      floats.set(ValueLayout.JAVA_FLOAT, 4 * i, middle + step * random.nextInt());
    }
    return floats;
  }

  /** Integers of so many bits and a sign. */
  MemorySegment integers(long count, int bits) {
    MemorySegment integers = operand(4 * count);
    for (long i = 0; i < count; i++) {
      integers.set(ValueLayout.JAVA_INT, 4 * i, random.nextInt() >> (31 - bits));
    }
    return integers;
  }

  /** Zero points of a type. */
  MemorySegment zeroPoints(long count, DataType type) {
    MemorySegment zeroPoints = operand(4 * count);
    for (long i = 0; i < count; i++) {
      zeroPoints.set(ValueLayout.JAVA_INT, 4 * i, random.nextInt(type.min(), type.max() + 1));
    }
    return zeroPoints;
  }

  /** Compares what two runs left of the same operands; null where they are the same. */
  @Nullable
  String difference(Sample expected, Allowed allowed) {
    for (int i = 0; i < operands.size(); i++) {
      String difference = allowed.difference(operands.get(i).all, expected.operands.get(i).all);
      if (difference != null) {
        return operands.get(i).name + ": " + difference;
      }
    }
    return null;
  }
}
