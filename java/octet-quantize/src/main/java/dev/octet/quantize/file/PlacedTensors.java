package dev.octet.quantize.file;

import dev.octet.quantize.mapped.FileError;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;

/**
 * An {@link OutputFile} of a head and of tensors at places that are known beforehand, written in any order.
 */
final class PlacedTensors implements AutoCloseable {
  /** A ByteBuffer holds less than 2 GB. */
  private static final long STEP = 1 << 26;

  private final Path target;
  private final OutputFile file;
  private final Map<String, Place> places;
  /** What of each tensor has been written: ends by first bytes, none beside another. */
  private final Map<String, NavigableMap<Long, Long>> written = new LinkedHashMap<>();

  /**
   * Where a tensor lies.
   *
   * @param begin its first byte in the file
   * @param bytes its size
   */
  record Place(long begin, long bytes) {}

  /**
   * Creates the file aside and writes its head.
   *
   * @param target the name that the file gets
   * @param head its first bytes
   * @param places the tensors by name
   * @param size of the file; what no tensor takes is 0
   */
  PlacedTensors(Path target, byte[] head, Map<String, Place> places, long size) {
    this.target = target;
    this.places = places;
    places.keySet().forEach(name -> written.put(name, new TreeMap<>()));
    this.file = OutputFile.create(target);
    try {
      if (size > head.length) {
        file.write(ByteBuffer.allocate(1), size - 1);
      }
      file.write(ByteBuffer.wrap(head), 0);
    } catch (IOException e) {
      close();
      throw FileError.writing(target, e);
    }
  }

  /** Writes a whole tensor. */
  void write(String name, MemorySegment data) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(data, "data");
    long size = place(name).bytes();
    if (data.byteSize() != size) {
      throw new IllegalArgumentException(
          "tensor " + name + ": expected " + size + " bytes, got " + data.byteSize());
    }
    write(name, 0, data);
  }

  /** Writes a part of a tensor, from a byte on; no byte of it may have been written. */
  void write(String name, long offset, MemorySegment data) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(data, "data");
    Place place = place(name);
    if (offset < 0 || offset > place.bytes || data.byteSize() > place.bytes - offset) {
      throw new IllegalArgumentException("tensor " + name + ": expected a part of its " + place.bytes
          + " bytes, got " + data.byteSize() + " from " + offset);
    }
    if (data.byteSize() == 0) {
      return;
    }
    long end = offset + data.byteSize();
    NavigableMap<Long, Long> parts = written.get(name);
    Map.Entry<Long, Long> before = parts.lowerEntry(end);
    if (before != null && before.getValue() > offset) {
      throw new IllegalArgumentException("tensor " + name + ": bytes " + Math.max(offset, before.getKey())
          + " to " + (Math.min(end, before.getValue()) - 1) + " were written already");
    }
    try {
      for (long at = 0; at < data.byteSize(); at += STEP) {
        long count = Math.min(STEP, data.byteSize() - at);
        file.write(buffer(data.asSlice(at, count)), place.begin + offset + at);
      }
    } catch (IOException e) {
      throw FileError.writing(target, e);
    }
    add(parts, offset, end);
  }

  /** Adds a part, joined with those that end and begin where it does. */
  private static void add(NavigableMap<Long, Long> parts, long begin, long end) {
    Long behind = parts.remove(end);
    Map.Entry<Long, Long> before = parts.floorEntry(begin);
    boolean joins = before != null && before.getValue() == begin;
    parts.put(joins ? before.getKey() : begin, behind == null ? end : behind);
  }

  /** Bytes that a channel takes: arrays of other elements are copied. */
  private static ByteBuffer buffer(MemorySegment part) {
    return part.isNative() || part.heapBase().orElse(null) instanceof byte[]
        ? part.asByteBuffer()
        : ByteBuffer.wrap(part.toArray(ValueLayout.JAVA_BYTE));
  }

  /** Gives the file its name; refused where bytes of a tensor are missing. */
  void commit() {
    written.forEach((name, parts) -> {
      long size = place(name).bytes();
      long bytes = parts.entrySet().stream().mapToLong(part -> part.getValue() - part.getKey()).sum();
      if (bytes != size) {
        throw new IllegalStateException(
            "tensor " + name + ": " + bytes + " of its " + size + " bytes were written");
      }
    });
    file.commit();
  }

  /** Removes what was written, unless committed. */
  @Override
  public void close() {
    file.close();
  }

  private Place place(String name) {
    Place place = places.get(name);
    if (place == null) {
      throw new IllegalArgumentException("tensor " + name + ": was not announced");
    }
    return place;
  }
}
