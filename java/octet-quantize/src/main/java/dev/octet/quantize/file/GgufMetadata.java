package dev.octet.quantize.file;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A key of a GGUF file's metadata, and its value in the type that a caller expects. Immutable.
 *
 * <p>
 * Every {@code as} method throws an IllegalArgumentException that names the key where the value has another
 * type, or a number is out of range. Without a fallback it throws one too where the file has no such key,
 * naming keys like it. Integers of all widths are integers, whatever their sign.
 */
public final class GgufMetadata {
  private final GgufFile file;
  private final String key;

  GgufMetadata(GgufFile file, String key) {
    this.file = file;
    this.key = key;
  }

  /**
   * Returns the key.
   *
   * @return such as {@code llama.block_count}
   */
  public String key() {
    return key;
  }

  /**
   * Returns the value with its type.
   *
   * @return empty where the file has no such key
   */
  public Optional<GgufValue> value() {
    return Optional.ofNullable(file.values().get(key));
  }

  /**
   * Returns an integer of 64 bits.
   *
   * @return the value
   * @throws IllegalArgumentException if it is missing, no integer or 2^63 or more
   */
  public long asLong() {
    return required(this::toLong);
  }

  /**
   * Returns an integer of 64 bits.
   *
   * @param fallback what it is where the file does not say
   * @return the value
   * @throws IllegalArgumentException if it is no integer or 2^63 or more
   */
  public long asLong(long fallback) {
    return value().map(this::toLong).orElse(fallback);
  }

  /**
   * Returns an integer of 32 bits.
   *
   * @return the value
   * @throws IllegalArgumentException if it is missing, no integer or beyond an int
   */
  public int asInt() {
    return required(this::toInt);
  }

  /**
   * Returns an integer of 32 bits.
   *
   * @param fallback what it is where the file does not say
   * @return the value
   * @throws IllegalArgumentException if it is no integer or beyond an int
   */
  public int asInt(int fallback) {
    return value().map(this::toInt).orElse(fallback);
  }

  /**
   * Returns a binary32.
   *
   * @return the value
   * @throws IllegalArgumentException if it is missing or no F32
   */
  public float asFloat() {
    return required(value -> to(Float.class, "an F32", value));
  }

  /**
   * Returns a binary32.
   *
   * @param fallback what it is where the file does not say
   * @return the value
   * @throws IllegalArgumentException if it is no F32
   */
  public float asFloat(float fallback) {
    return value().map(value -> to(Float.class, "an F32", value)).orElse(fallback);
  }

  /**
   * Returns a boolean.
   *
   * @return the value
   * @throws IllegalArgumentException if it is missing or no boolean
   */
  public boolean asBoolean() {
    return required(value -> to(Boolean.class, "a BOOL", value));
  }

  /**
   * Returns a boolean.
   *
   * @param fallback what it is where the file does not say
   * @return the value
   * @throws IllegalArgumentException if it is no boolean
   */
  public boolean asBoolean(boolean fallback) {
    return value().map(value -> to(Boolean.class, "a BOOL", value)).orElse(fallback);
  }

  /**
   * Returns text.
   *
   * @return the value
   * @throws IllegalArgumentException if it is missing or no string
   */
  public String asString() {
    return required(value -> to(String.class, "a STRING", value));
  }

  /**
   * Returns text.
   *
   * @param fallback what it is where the file does not say
   * @return the value
   * @throws IllegalArgumentException if it is no string
   */
  public String asString(String fallback) {
    Objects.requireNonNull(fallback, "fallback");
    return value().map(value -> to(String.class, "a STRING", value)).orElse(fallback);
  }

  /**
   * Returns an array of strings, such as the tokens of a vocabulary.
   *
   * @return an immutable list
   * @throws IllegalArgumentException if it is missing or no array of strings
   */
  public List<String> asStrings() {
    return elements(GgufValue.Type.STRING);
  }

  /**
   * Returns an array of binary32, such as the scores of a vocabulary.
   *
   * @return an immutable list, which takes no more memory than the file
   * @throws IllegalArgumentException if it is missing or no array of F32
   */
  public List<Float> asFloats() {
    return elements(GgufValue.Type.F32);
  }

  /**
   * Returns an array of integers of 32 bits, such as the types of tokens or the heads of each layer.
   *
   * @return a new array
   * @throws IllegalArgumentException if it is missing, no array of integers, or one of these is beyond an int
   */
  public int[] asInts() {
    return required(value -> {
      if (!(value.value() instanceof List<?> list)) {
        throw wrong("an array of integers", value);
      }
      int[] ints = new int[list.size()];
      for (int i = 0; i < ints.length; i++) {
        if (!(list.get(i) instanceof Long integer) || integer != (int) (long) integer) {
          throw new IllegalArgumentException("metadata " + key + "[" + i
              + "]: expected an integer of 32 bits, got " + value.type() + " " + list.get(i));
        }
        ints[i] = (int) (long) integer;
      }
      return ints;
    });
  }

  private <E> List<E> elements(GgufValue.Type expected) {
    return required(value -> {
      if (!(value.value() instanceof List<?> list) || value.type() != expected) {
        throw wrong("an array of " + expected, value);
      }
      @SuppressWarnings("unchecked") // a value has elements of its type
      List<E> elements = (List<E>) list;
      return elements;
    });
  }

  private long toLong(GgufValue value) {
    return to(Long.class, "an integer of 64 bits", value);
  }

  private int toInt(GgufValue value) {
    if (value.value() instanceof Long integer && integer == (int) (long) integer) {
      return (int) (long) integer;
    }
    throw wrong("an integer of 32 bits", value);
  }

  private <T> T to(Class<T> type, String expected, GgufValue value) {
    if (!type.isInstance(value.value())) {
      throw wrong(expected, value);
    }
    return type.cast(value.value());
  }

  private IllegalArgumentException wrong(String expected, GgufValue value) {
    return new IllegalArgumentException("metadata " + key + ": expected " + expected + ", got " + value);
  }

  private <T> T required(Function<GgufValue, T> reader) {
    return reader.apply(value().orElseThrow(() -> new IllegalArgumentException("there is no key " + key
        + " in the metadata, which has " + file.values().size() + Names.near(key, file.values().keySet()))));
  }

  /** Returns key and value as text. */
  @Override
  public String toString() {
    return key + " = " + value().map(GgufValue::toString).orElse("none");
  }
}
