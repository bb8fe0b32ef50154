package dev.octet.onnx.internal.graph;

import java.util.List;

/** An operator that is prepared: weights are packed, an engine is chosen. Safe for use by threads. */
@FunctionalInterface
public interface Kernel extends AutoCloseable {
  /**
   * Plans runs with inputs of one set of shapes.
   *
   * @param inputs their shapes are known; null for those that are left out
   * @param outputs likewise; at least one of them has elements
   * @return what runs it, any number of times, by any number of threads
   */
  Step plan(List<Known> inputs, List<Known> outputs);

  /** What runs it: {@code java}, or an engine's kernel, as Octet's ops name it. */
  default String name() {
    return "java";
  }

  /** Whether steps read an input: weights that are packed are not read again. */
  default boolean reads(int input) {
    return true;
  }

  @Override
  default void close() {}
}
