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

  private static final float[] UNUSUAL = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0,
      -0.0f, 1e30f, -1e30f, Float.MAX_VALUE, 1e10f, -1e10f, 1e-30f, -1e-40f, 100, -100};

  /**
   * An operand with what lies behind its rows and behind itself. What an engine reads has one row of bytes.
   *
   * @param name for messages
   * @param type of its elements
   * @param bytes of a row
   * @param stride bytes from one row to the next
   */
  private record Operand(String name, MemorySegment all, DataType type, int rows, long bytes, long stride) {
    MemorySegment row(int row) {
      return all.asSlice(row * stride, bytes);
    }

    float largest() {
      float largest = 0;
      for (int row = 0; row < rows; row++) {
        largest = Math.max(largest, Allowed.largest(row(row)));
      }
      return largest;
    }

    @Nullable
    String difference(Operand expected, Allowed allowed) {
      if (all.mismatch(expected.all) < 0) {
        return null;
      }
      float largest = allowed == Allowed.NEARLY && type == DataType.F32 ? expected.largest() : 0;
      for (int row = 0; row < rows; row++) {
        long at = allowed.mismatch(row(row), expected.row(row), type, largest);
        long from = row * stride + bytes;
        long to = row == rows - 1 ? all.byteSize() : (row + 1) * stride;
        long behind = at >= 0 ? -1 : MemorySegment.mismatch(all, from, to, expected.all, from, to);
        if (at >= 0 || behind >= 0) {
          return Allowed.text(all, expected.all, at >= 0 ? row * stride + at : from + behind);
        }
      }
      return null;
    }
  }

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

  private MemorySegment operand(String name, DataType type, int rows, long bytes, long stride) {
    long size = rows * stride;
    MemorySegment all = arena.allocate(4 + size + BEHIND, 64).asSlice(4);
    all.fill(UNTOUCHED);
    operands.add(new Operand(name, all, type, rows, bytes, stride));
    return all.asSlice(0, size);
  }

  private MemorySegment operand(long bytes) {
    return operand("operand " + (operands.size() + 1), DataType.U8, 1, bytes, bytes);
  }

  /** Memory for a result, dense. */
  MemorySegment result(DataType type, long elements) {
    return operand("result", type, 1, type.bytes(elements), type.bytes(elements));
  }

  /** Memory for rows of a result, one of several results; nobody may write between the rows. */
  MemorySegment result(String name, DataType type, int rows, int columns, long stride) {
    return operand(name, type, rows, type.bytes(columns), type.bytes(stride));
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

  /** Floats of either sign up to a magnitude. */
  MemorySegment floats(long count, float most) {
    return floats(count, 0, most);
  }

  /** The same, of which a fifth are NaN, infinities, zeros, and what is far larger or smaller. */
  MemorySegment reals(long count, float most) {
    MemorySegment floats = floats(count, most);
    for (long i = random.nextInt(5); i < count; i += 5) {
      floats.set(ValueLayout.JAVA_FLOAT, 4 * i, UNUSUAL[random.nextInt(UNUSUAL.length)]);
    }
    return floats;
  }

  /** What is added to scores: the first one stays, a third of the others do not. */
  MemorySegment mask(long count) {
    MemorySegment mask = floats(count);
    for (long i = 1; i < count; i++) {
      if (random.nextInt(3) == 0) {
        mask.set(ValueLayout.JAVA_FLOAT, 4 * i, Float.NEGATIVE_INFINITY);
      }
    }
    return mask;
  }

  /** Rows of floats, the second of which has a NaN in its middle. */
  MemorySegment rowsWithNaN(int rows, int columns) {
    MemorySegment floats = floats((long) rows * columns);
    floats.set(ValueLayout.JAVA_FLOAT, 4L * (columns + columns / 2), Float.NaN);
    return floats;
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

  /** Gives all of some numbers of 32 bits the value of the first. */
  static MemorySegment alike(MemorySegment numbers) {
    for (long at = 4; at < numbers.byteSize(); at += 4) {
      MemorySegment.copy(numbers, 0, numbers, at, 4);
    }
    return numbers;
  }

  /** Compares what two runs left of the same operands; null where they are the same. */
  @Nullable
  String difference(Sample expected, Allowed allowed) {
    for (int i = 0; i < operands.size(); i++) {
      String difference = operands.get(i).difference(expected.operands.get(i), allowed);
      if (difference != null) {
        return operands.get(i).name + ": " + difference;
      }
    }
    return null;
  }
}
