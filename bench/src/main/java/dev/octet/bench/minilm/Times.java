package dev.octet.bench.minilm;

import java.util.EnumMap;
import java.util.Map;

/** Nanoseconds per kind of work. One thread. */
final class Times {
  /** What the time goes into. */
  enum Kind {
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
    String label() {
      return label;
    }
  }

  private final Map<Kind, Long> nanos = new EnumMap<>(Kind.class);

  void add(Kind kind, long time) {
    nanos.merge(kind, time, Long::sum);
  }

  Times copy() {
    Times copy = new Times();
    copy.nanos.putAll(nanos);
    return copy;
  }

  void clear() {
    nanos.clear();
  }

  long nanos(Kind kind) {
    return nanos.getOrDefault(kind, 0L);
  }

  long total() {
    return nanos.values().stream().mapToLong(Long::longValue).sum();
  }
}
