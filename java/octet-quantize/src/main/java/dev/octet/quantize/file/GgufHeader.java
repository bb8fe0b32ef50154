package dev.octet.quantize.file;

import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The head of a GGUF file, little-endian, version 2 or 3, which are the same there: metadata, and the places
 * of the tensors.
 *
 * @param version of the format
 * @param values the metadata, in the order of the file
 * @param infos the tensors, in the order of the file
 * @param dataStart where in the file the data begin
 */
record GgufHeader(int version, Map<String, GgufValue> values, List<Place> infos, long dataStart) {
  /** "GGUF". */
  static final long MAGIC = 0x46554747;
  static final int VERSION = 3;
  static final String ALIGNMENT = "general.alignment";
  /** As the reference implementation has it. */
  static final int MAX_RANK = 4;
  private static final long DEFAULT_ALIGNMENT = 32;
  /** Bytes of the shortest entry: a key of one letter, a type, a boolean. */
  private static final long LEAST_VALUE = 8 + 1 + 4 + 1;
  /** Bytes of the shortest entry: an empty name, a rank of 0, a type, an offset. */
  private static final long LEAST_INFO = 8 + 4 + 4 + 8;

  /**
   * A tensor's place.
   *
   * @param name the name
   * @param type the type
   * @param typeName its name, or its number where it is not known
   * @param shape outermost dimension first
   * @param begin first byte, counted from the beginning of the data
   * @param bytes the size; of a type that is not known up to the next tensor
   */
  record Place(String name, GgufType type, String typeName, Shape shape, long begin, long bytes) {}

  /**
   * Reads a head.
   *
   * @param file the whole file
   */
  static GgufHeader parse(MemorySegment file) {
    GgufCursor cursor = new GgufCursor(file);
    int version = version(cursor);
    long tensors = cursor.count("tensors", LEAST_INFO);
    long values = cursor.count("keys of metadata", LEAST_VALUE);
    Map<String, GgufValue> metadata = metadata(cursor, values);
    long alignment = alignment(metadata);
    List<Place> infos = infos(cursor, tensors, alignment);
    long start = padded(cursor.at(), alignment);
    return new GgufHeader(version, metadata, placed(infos, start, file.byteSize()), start);
  }

  /** The tensors of the file that the head is of, in its order. */
  Map<String, GgufTensor> tensors(MemorySegment file) {
    Map<String, GgufTensor> tensors = new LinkedHashMap<>();
    for (Place info : infos) {
      long begin = info.bytes == 0 ? 0 : dataStart + info.begin;
      tensors.put(info.name, new GgufTensor(info, file.asSlice(begin, info.bytes)));
    }
    return tensors;
  }

  private static int version(GgufCursor cursor) {
    long magic = cursor.u32();
    if (magic != MAGIC) {
      throw cursor.refusal("expected a file that begins with GGUF, got 0x" + Long.toHexString(magic)
          + " in its first 4 bytes");
    }
    long version = cursor.u32();
    if (version == 2 || version == VERSION) {
      return (int) version;
    }
    int swapped = Integer.reverseBytes((int) version);
    throw cursor.refusal("expected version 2 or 3, got "
        + (swapped >= 1 && swapped <= VERSION
            ? "version " + swapped + " in big-endian byte order, which is not read"
            : "version " + version));
  }

  private static Map<String, GgufValue> metadata(GgufCursor cursor, long count) {
    Map<String, GgufValue> metadata = new LinkedHashMap<>();
    for (long i = 0; i < count; i++) {
      cursor.part("metadata " + i);
      String key = cursor.string(true);
      cursor.part("metadata " + key);
      if (key.isEmpty()) {
        throw cursor.refusal("expected a key that is not empty");
      }
      long id = cursor.u32();
      GgufValue value = id == GgufValue.Type.ARRAY ? array(cursor) : single(cursor, type(cursor, id));
      if (metadata.put(key, value) != null) {
        throw cursor.refusal("is there twice");
      }
    }
    return Collections.unmodifiableMap(metadata);
  }

  private static GgufValue.Type type(GgufCursor cursor, long id) {
    GgufValue.Type type = GgufValue.Type.of((int) id);
    if (type == null) {
      throw cursor.refusal(id == GgufValue.Type.ARRAY
          ? "arrays of arrays are not read"
          : "expected a type of 0 to 12, got " + id);
    }
    return type;
  }

  private static GgufValue single(GgufCursor cursor, GgufValue.Type type) {
    return new GgufValue(type,
        type == GgufValue.Type.STRING ? cursor.string(false) : cursor.value(type));
  }

  private static GgufValue array(GgufCursor cursor) {
    GgufValue.Type type = type(cursor, cursor.u32());
    long count = cursor.count("elements", type.bytes());
    if (type != GgufValue.Type.STRING) {
      return new GgufValue(type, cursor.numbers(type, count));
    }
    List<String> strings = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      strings.add(cursor.string(false));
    }
    return new GgufValue(type, strings);
  }

  /** The alignment of the data and of each tensor in it, in bytes. */
  static long alignment(Map<String, GgufValue> metadata) {
    GgufValue value = metadata.get(ALIGNMENT);
    if (value == null) {
      return DEFAULT_ALIGNMENT;
    }
    if (value.type() != GgufValue.Type.U32 || !(value.value() instanceof Long alignment)
        || Long.bitCount(alignment) != 1) {
      throw new MalformedFileException(
          "metadata " + ALIGNMENT + ": expected a U32 that is a power of two, got " + value);
    }
    return alignment;
  }

  private static List<Place> infos(GgufCursor cursor, long count, long alignment) {
    List<Place> infos = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (long i = 0; i < count; i++) {
      cursor.part("tensor " + i);
      String name = cursor.string(true);
      cursor.part("tensor " + name);
      if (!names.add(name)) {
        throw cursor.refusal("is there twice");
      }
      Shape shape = shape(cursor);
      long id = cursor.u32();
      GgufType type = GgufType.of((int) id);
      long begin = (Long) cursor.value(GgufValue.Type.I64);
      if (begin < 0 || begin % alignment != 0) {
        throw cursor.refusal("expected an offset that is a multiple of " + alignment + ", got "
            + Long.toUnsignedString(begin));
      }
      try {
        infos.add(new Place(name, type, type == GgufType.OTHER ? "type " + id : type.name(), shape, begin,
            type.bytes(shape)));
      } catch (IllegalArgumentException e) {
        throw new MalformedFileException("tensor " + name + ": " + e.getMessage(), e);
      }
    }
    return infos;
  }

  /** The dimensions of a file are innermost first. */
  private static Shape shape(GgufCursor cursor) {
    long rank = cursor.u32();
    if (rank > MAX_RANK) {
      throw cursor.refusal("expected at most " + MAX_RANK + " dimensions, got " + rank);
    }
    long[] dims = new long[(int) rank];
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      dims[axis] = (Long) cursor.value(GgufValue.Type.I64);
    }
    try {
      return Shape.of(dims);
    } catch (IllegalArgumentException e) {
      throw cursor.refusal(e.getMessage());
    }
  }

  /** Refuses tensors that overlap or end behind the file, and ends those of unknown size. */
  private static List<Place> placed(List<Place> infos, long start, long fileBytes) {
    List<Integer> byPlace = new ArrayList<>();
    for (int i = 0; i < infos.size(); i++) {
      byPlace.add(i);
    }
    byPlace.sort(Comparator.comparingLong((Integer i) -> infos.get(i).begin)
        .thenComparingLong(i -> infos.get(i).bytes));
    List<Place> placed = new ArrayList<>(infos);
    long dataBytes = Math.max(0, fileBytes - start);
    long next = dataBytes;
    for (int at = byPlace.size() - 1; at >= 0; at--) {
      Place info = infos.get(byPlace.get(at));
      if (info.begin > dataBytes || info.bytes > dataBytes - info.begin) {
        throw new MalformedFileException("tensor " + info.name + ": expected " + info.bytes
            + " bytes from byte " + info.begin + " of the data on, the file has " + dataBytes
            + " bytes of data");
      }
      if (info.bytes > next - info.begin) {
        throw new MalformedFileException("tensor " + info.name + ": its " + info.bytes + " bytes from byte "
            + info.begin + " of the data on overlap the tensor that begins at byte " + next);
      }
      if (info.type == GgufType.OTHER) {
        placed.set(byPlace.get(at), new Place(info.name, info.type, info.typeName, info.shape, info.begin,
            next - info.begin));
      }
      next = info.begin;
    }
    return Collections.unmodifiableList(placed);
  }

  /** The next multiple of the alignment. */
  static long padded(long bytes, long alignment) {
    return (bytes + alignment - 1) / alignment * alignment;
  }
}
