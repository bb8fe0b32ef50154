package dev.octet.minilm;

import java.util.EnumMap;
import java.util.Map;

/** Nanoseconds per kind of work. One thread. */
public final class Times {
  /** What the time goes into. */
  public enum Kind {
    /** Word, position and type embeddings. */
    EMBEDDING("embedding"),
    /** Linear layers. */
    MATMUL("int8 matmul"),
    /** Products of queries, keys and values. */
    ATTENTION("attention"),
    /** Softmax of the attention scores. */
    SOFTMAX("softmax"),
    /** GELU. */
    GELU("GELU"),
    /** Residual and layer norm. */
    NORM("layer norm"),
    /** Floats to bytes. */
    QUANTIZE("quantize");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /** For the table. */
    public String label() {
      return label;
    }
  }

  private final Map<Kind, Long> nanos = new EnumMap<>(Kind.class);

  void add(Kind kind, long time) {
    nanos.merge(kind, time, Long::sum);
  }

  /** A copy that later work does not change. */
  public Times copy() {
    Times copy = new Times();
    copy.nanos.putAll(nanos);
    return copy;
  }

  void clear() {
    nanos.clear();
  }

  /** Of one kind. */
  public long nanos(Kind kind) {
    return nanos.getOrDefault(kind, 0L);
  }

  /** Of all kinds. */
  public long total() {
    return nanos.values().stream().mapToLong(Long::longValue).sum();
  }
}
