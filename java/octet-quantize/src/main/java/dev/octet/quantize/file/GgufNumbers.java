package dev.octet.quantize.file;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * An array of numbers or booleans of a GGUF file's metadata, which takes no more memory than in the file.
 * Immutable.
 */
final class GgufNumbers extends AbstractList<Object> implements RandomAccess {
  private final GgufValue.Type type;
  private final MemorySegment bytes;
  private final int size;

  /**
   * An array.
   *
   * @param type of the elements; no strings
   * @param bytes as they lie in the file; not to be changed from then on
   */
  GgufNumbers(GgufValue.Type type, byte[] bytes) {
    this.type = type;
    this.bytes = MemorySegment.ofArray(bytes);
    this.size = bytes.length / type.bytes();
  }

  /** Whether the elements have that type. */
  boolean isOf(GgufValue.Type asked) {
    return type == asked;
  }

  @Override
  public Object get(int index) {
    return at(type, bytes, (long) Objects.checkIndex(index, size) * type.bytes());
  }

  @Override
  public int size() {
    return size;
  }

  /** The number or boolean at a place in memory, as {@link GgufValue} has it. */
  static Object at(GgufValue.Type type, MemorySegment memory, long offset) {
    return switch (type) {
      case U8 -> memory.get(ValueLayout.JAVA_BYTE, offset) & 0xffL;
      case I8 -> (long) memory.get(ValueLayout.JAVA_BYTE, offset);
      case U16 -> memory.get(StoredTensor.SHORT, offset) & 0xffffL;
      case I16 -> (long) memory.get(StoredTensor.SHORT, offset);
      case U32 -> memory.get(StoredTensor.INT, offset) & 0xffff_ffffL;
      case I32 -> (long) memory.get(StoredTensor.INT, offset);
      case U64 -> unsigned(memory.get(StoredTensor.LONG, offset));
      case I64 -> memory.get(StoredTensor.LONG, offset);
      case F32 -> Float.intBitsToFloat(memory.get(StoredTensor.INT, offset));
      case F64 -> Double.longBitsToDouble(memory.get(StoredTensor.LONG, offset));
      case BOOL -> memory.get(ValueLayout.JAVA_BYTE, offset) != 0;
      case STRING -> throw new IllegalArgumentException("type: a string is no number");
    };
  }

  private static Object unsigned(long bits) {
    return bits >= 0 ? (Object) bits : new BigInteger(Long.toUnsignedString(bits));
  }
}
