package dev.octet.quantize.file;

import dev.octet.BlockFormat;
import dev.octet.Shape;
import dev.octet.quantize.BlockQuantizer;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Writes a GGUF file of version 3, little-endian, tensor by tensor, in any order: names, types and shapes are
 * told beforehand, and tensors lie in the order in which they were. The file is written aside and takes its
 * name at {@link #commit()}, as {@link OutputFile} has it. One thread at a time.
 */
public final class GgufWriter implements AutoCloseable {
  /** Of a name, in bytes: what ggml reads. */
  private static final int MAX_NAME = 63;

  /**
   * Announces a tensor.
   *
   * @param name the name, of at most 63 bytes in UTF-8
   * @param type the type; not OTHER
   * @param shape up to 4 dimensions, outermost first; rows are whole blocks of the type
   */
  public record Slot(String name, GgufType type, Shape shape) {
    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if one is not as it has to be
     */
    public Slot {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(type, "type");
      Objects.requireNonNull(shape, "shape");
      int length = name.getBytes(StandardCharsets.UTF_8).length;
      if (length > MAX_NAME) {
        throw new IllegalArgumentException(
            "tensor " + name + ": expected a name of at most " + MAX_NAME + " bytes, got " + length);
      }
      if (type == GgufType.OTHER || shape.rank() > GgufHeader.MAX_RANK) {
        throw new IllegalArgumentException("tensor " + name + ": expected a known type and at most "
            + GgufHeader.MAX_RANK + " dimensions, got " + type + " " + shape);
      }
      try {
        type.bytes(shape);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("tensor " + name + ": " + e.getMessage(), e);
      }
    }
  }

  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private final PlacedTensors output;

  /**
   * Creates the file aside and lays it out.
   *
   * @param target the name that it gets
   * @param slots all tensors to come
   * @param metadata in the order of the file; {@code general.alignment}, where it is there, is held to
   * @throws IllegalArgumentException if two tensors have the same name, a key is empty, the alignment is no
   *         U32 that is a power of two, or the target is there and no regular file
   * @throws UncheckedIOException if the file cannot be written
   */
  public GgufWriter(Path target, List<Slot> slots, Map<String, GgufValue> metadata) {
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(slots, "slots");
    Objects.requireNonNull(metadata, "metadata");
    long alignment = GgufHeader.alignment(metadata);
    GgufOutput head = new GgufOutput();
    head.number(GgufValue.Type.U32, GgufHeader.MAGIC);
    head.number(GgufValue.Type.U32, GgufHeader.VERSION);
    head.number(GgufValue.Type.U64, slots.size());
    head.number(GgufValue.Type.U64, metadata.size());
    metadata.forEach(head::entry);
    Map<String, Long> begins = new LinkedHashMap<>();
    long end = 0;
    for (Slot slot : slots) {
      if (this.slots.put(slot.name, slot) != null) {
        throw new IllegalArgumentException("tensor " + slot.name + ": is there twice");
      }
      head.place(slot, end);
      begins.put(slot.name, end);
      end = GgufHeader.padded(end + slot.type.bytes(slot.shape), alignment);
    }
    long start = GgufHeader.padded(head.size(), alignment);
    Map<String, PlacedTensors.Place> places = new LinkedHashMap<>();
    begins.forEach((name, begin) -> {
      Slot slot = this.slots.get(name);
      places.put(name, new PlacedTensors.Place(start + begin, slot.type.bytes(slot.shape)));
    });
    this.output = new PlacedTensors(target, head.toByteArray(), places, start + end);
  }

  /**
   * Writes a whole tensor.
   *
   * @param name of the tensor
   * @param data its bytes as the type has them, native or heap
   * @throws IllegalArgumentException if there is no such tensor, it has another length, or a byte of it was
   *         written already
   * @throws UncheckedIOException if the file cannot be written
   */
  public void write(String name, MemorySegment data) {
    output.write(name, data);
  }

  /**
   * Writes a part of a tensor; parts may come in any order, each byte once.
   *
   * @param name of the tensor
   * @param offset of the first byte within the tensor
   * @param data the bytes as the type has them, native or heap
   * @throws IllegalArgumentException if there is no such tensor, the part is not within it, or a byte of it
   *         was written already
   * @throws UncheckedIOException if the file cannot be written
   */
  public void write(String name, long offset, MemorySegment data) {
    output.write(name, offset, data);
  }

  /**
   * Writes elements of a tensor of floats or of blocks, in its type: F32, F16 and BF16 rounded to nearest,
   * ties to even; blocks by {@link BlockQuantizer}.
   *
   * @param name of the tensor
   * @param first the row-major index of the first element, that of a block's first where there are blocks
   * @param values the elements, whole blocks where there are
   * @throws UnsupportedOperationException if floats are not quantized to the tensor's type
   * @throws IllegalArgumentException if there is no such tensor, the elements are not within it, no whole
   *         blocks or written already, or a finite value is beyond the type
   * @throws UncheckedIOException if the file cannot be written
   */
  public void floats(String name, long first, float[] values) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(values, "values");
    Slot slot = Names.require(slots, name);
    int elements = slot.type.elements();
    if (first < 0 || first > slot.shape.elements() - values.length || first % elements != 0) {
      throw new IllegalArgumentException("tensor " + name + ": expected elements of " + slot.shape
          + " from a multiple of " + elements + " on, got " + values.length + " from " + first);
    }
    byte[] bytes = slot.type.block().isPresent()
        ? blocks(name, slot.type.block().get(), values)
        : numbers(slot, values);
    output.write(name, first / elements * slot.type.bytes(), MemorySegment.ofArray(bytes));
  }

  /**
   * Gives the file its name, in place of what had it.
   *
   * @throws IllegalStateException if bytes of a tensor are missing
   * @throws UncheckedIOException if the file cannot be written
   */
  public void commit() {
    output.commit();
  }

  /** Removes what was written, unless committed. */
  @Override
  public void close() {
    output.close();
  }

  private static byte[] blocks(String name, BlockFormat format, float[] values) {
    try {
      return BlockQuantizer.quantize(format, values, 0, values.length);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("tensor " + name + ": " + e.getMessage(), e);
    }
  }

  private static byte[] numbers(Slot slot, float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, slot.type.bytes()))
        .order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      switch (slot.type) {
        case F32 -> bytes.putFloat(value);
        case F16 -> {
          short half = Float.floatToFloat16(value);
          requireFinite(slot, value, Float.float16ToFloat(half));
          bytes.putShort(half);
        }
        case BF16 -> {
          short upper = bfloat16(value);
          requireFinite(slot, value, Float.intBitsToFloat(upper << 16));
          bytes.putShort(upper);
        }
        default -> throw new UnsupportedOperationException("tensor " + slot.name
            + ": floats are written as F32, F16, BF16 and blocks, not as " + slot.type);
      }
    }
    return bytes.array();
  }

  /** The upper half of the nearest float that has nothing in the lower one, ties to even. */
  private static short bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int upper = bits >> 16;
    int rounded = (bits + 0x7fff + (upper & 1)) >> 16;
    return (short) (Float.isNaN(value) ? upper | 0x40 : rounded); // quiet
  }

  private static void requireFinite(Slot slot, float value, float stored) {
    if (Float.isFinite(value) && !Float.isFinite(stored)) {
      throw new IllegalArgumentException(
          "tensor " + slot.name + ": " + value + " is beyond " + slot.type);
    }
  }
}
