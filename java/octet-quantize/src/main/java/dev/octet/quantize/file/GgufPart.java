package dev.octet.quantize.file;

import java.util.Map;
import java.util.Set;

/**
 * What a GGUF file says of itself where it is a part of a model in several files.
 *
 * @param number from 0
 * @param count of the parts, 2 or more
 * @param tensors of all parts together
 */
record GgufPart(long number, long count, long tensors) {
  private static final String NUMBER = "split.no";
  private static final String COUNT = "split.count";
  private static final String TENSORS = "split.tensors.count";
  /** All that a part says of itself. */
  static final Set<String> KEYS = Set.of(NUMBER, COUNT, TENSORS);
  /** Parts are counted in 16 bits. */
  private static final long MOST = 65535;

  /**
   * Reads what the metadata say.
   *
   * @return null of a whole model
   * @throws MalformedFileException if they say no such numbers
   */
  static GgufPart of(Map<String, GgufValue> metadata) {
    if (!metadata.containsKey(COUNT)) {
      return null;
    }
    long count = number(metadata, COUNT, 0, MOST);
    return count < 2
        ? null
        : new GgufPart(number(metadata, NUMBER, 0, count - 1), count,
            number(metadata, TENSORS, 0, Long.MAX_VALUE));
  }

  private static long number(Map<String, GgufValue> metadata, String key, long least, long most) {
    GgufValue value = metadata.get(key);
    if (value == null || !(value.value() instanceof Long number) || number < least || number > most) {
      throw new MalformedFileException("metadata " + key + ": expected an integer of " + least
          + (most == Long.MAX_VALUE ? " or more" : " to " + most) + ", got "
          + (value == null ? "none" : value));
    }
    return number;
  }

  /** What the names of all parts have in common, of a file that is named as this part. */
  String prefix(String name) {
    String suffix = name("", number);
    if (!name.endsWith(suffix) || name.length() == suffix.length()) {
      throw new MalformedFileException("GGUF: " + this + " is expected to have a name that ends in " + suffix
          + ", as its other parts have theirs, got " + name);
    }
    return name.substring(0, name.length() - suffix.length());
  }

  /** The name of a part. */
  String name(String prefix, long part) {
    return "%s-%05d-of-%05d.gguf".formatted(prefix, part + 1, count);
  }

  /** Returns such as {@code part 2 of 3}. */
  @Override
  public String toString() {
    return "part " + (number + 1) + " of " + count;
  }
}
