package dev.octet.quantize.file;

import dev.octet.Shape;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Writes a safetensors file tensor by tensor, in any order: names, types and shapes are told beforehand. The
 * file is written aside and takes its name at {@link #commit()}, as {@link OutputFile} has it. One thread at
 * a time.
 *
 * <p>
 * Tensors lie in the order of the reference implementation: the largest element type first, then by name, so
 * that every element is aligned to its own size; the data begin at a multiple of 64.
 */
public final class SafetensorsWriter implements AutoCloseable {
  /**
   * Announces a tensor.
   *
   * @param name the name; not {@code __metadata__}, and of at most 10,000 characters
   * @param type the element type; U4 and I4 are none of this format
   * @param shape the shape
   * @param bytes its size
   * @param typeName what the file is to call the type
   */
  public record Slot(String name, StoredType type, Shape shape, long bytes, String typeName) {
    /** Checks the parts. */
    public Slot {
      Objects.requireNonNull(typeName, "typeName");
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(type, "type");
      Objects.requireNonNull(shape, "shape");
      if (name.equals(SafetensorsHeader.METADATA)) {
        throw new IllegalArgumentException(
            "tensor " + name + ": safetensors keeps this name for text; give the tensor another one");
      }
      if (name.length() > JsonText.MAX_NAME) {
        throw new IllegalArgumentException(
            "tensor " + name.substring(0, SHOWN) + "...: expected a name of at most "
                + JsonText.MAX_NAME + " characters, got " + name.length());
      }
      if (type == StoredType.U4 || type == StoredType.I4) {
        throw new IllegalArgumentException(
            "tensor " + name + ": safetensors has no type " + type + ", its bytes are stored as U8");
      }
      if (type == StoredType.OTHER ? bytes < 0 : bytes != type.bytes(shape)) {
        throw new IllegalArgumentException(
            "tensor " + name + ": " + bytes + " bytes are not those of " + type + " " + shape);
      }
    }

    /**
     * Announces a tensor of a type that Octet knows.
     *
     * @param name the name; not {@code __metadata__}, and of at most 10,000 characters
     * @param type the element type; not OTHER
     * @param shape the shape
     */
    public Slot(String name, StoredType type, Shape shape) {
      this(name, type, shape, bytes(type, shape), type.name());
    }

    private static long bytes(StoredType type, Shape shape) {
      Objects.requireNonNull(type, "type");
      Objects.requireNonNull(shape, "shape");
      return type == StoredType.OTHER ? -1 : type.bytes(shape);
    }

    /**
     * Returns the slot of a tensor that is to be copied.
     *
     * @param tensor a tensor of another file, of whatever type
     * @return its slot
     */
    static Slot of(StoredTensor tensor) {
      return new Slot(tensor.name(), tensor.type(), tensor.shape(), tensor.data().byteSize(),
          tensor.typeName());
    }
  }

  /** Of a name that is too long, in a message. */
  private static final int SHOWN = 64;

  private final PlacedTensors output;

  /**
   * Creates the file aside and lays it out.
   *
   * @param target the name that it gets
   * @param slots all tensors to come
   * @param metadata text beside them
   * @throws IllegalArgumentException if two tensors have the same name, or the target is there and no regular
   *         file
   * @throws UncheckedIOException if the file cannot be written
   */
  public SafetensorsWriter(Path target, List<Slot> slots, Map<String, String> metadata) {
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(slots, "slots");
    Objects.requireNonNull(metadata, "metadata");
    List<Slot> order = new ArrayList<>(slots);
    order.sort(Comparator.comparingInt((Slot slot) -> -slot.type.bits()).thenComparing(Slot::name));
    Map<String, SafetensorsHeader.Entry> entries = new LinkedHashMap<>();
    long end = 0;
    for (Slot slot : order) {
      if (entries.put(slot.name, new SafetensorsHeader.Entry(slot.type, slot.shape, end, end + slot.bytes,
          slot.typeName)) != null) {
        throw new IllegalArgumentException("tensor " + slot.name + ": is there twice");
      }
      end += slot.bytes;
    }
    byte[] header = new SafetensorsHeader(entries, metadata).toBytes();
    if (header.length > SafetensorsHeader.MAX_BYTES) {
      throw new IllegalArgumentException("header: expected at most " + SafetensorsHeader.MAX_BYTES
          + " bytes, the names and metadata of " + slots.size() + " tensors take " + header.length);
    }
    byte[] head = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length).put(header).array();
    Map<String, PlacedTensors.Place> places = new LinkedHashMap<>();
    entries.forEach((name, entry) -> places.put(name,
        new PlacedTensors.Place(head.length + entry.begin(), entry.end() - entry.begin())));
    this.output = new PlacedTensors(target, head, places, head.length);
  }

  /**
   * Writes a whole tensor.
   *
   * @param name of the tensor
   * @param data its bytes, little-endian, native or heap
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
   * @param data the bytes, little-endian, native or heap
   * @throws IllegalArgumentException if there is no such tensor, the part is not within it, or a byte of it
   *         was written already
   * @throws UncheckedIOException if the file cannot be written
   */
  public void write(String name, long offset, MemorySegment data) {
    output.write(name, offset, data);
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
}
