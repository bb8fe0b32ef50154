package dev.octet.onednn;

import dev.octet.internal.ffm.Resource;

/**
 * A compiled primitive and the formats of its operands. Immutable; any number of threads run it, each through
 * an {@link Execution} of its own.
 */
final class Primitive implements Resource {
  private final Group resources = new Group();
  private final String implementation;
  private final Handle handle;
  private final Handle src;
  private final Handle weights;
  private final Handle dst;
  private final Handle scratchpad;
  private final long scratchpadBytes;

  /**
   * Compiles a primitive.
   *
   * @param description of a matmul, a convolution or a reorder; stays the caller's
   */
  Primitive(Handle description) {
    try {
      implementation = Dnnl.implementation(description);
      src = resources.add(Dnnl.queryDesc(description, Dnnl.QUERY_SRC));
      weights = resources.add(Dnnl.queryDesc(description, Dnnl.QUERY_WEIGHTS));
      dst = resources.add(Dnnl.queryDesc(description, Dnnl.QUERY_DST));
      scratchpad = resources.add(Dnnl.queryDesc(description, Dnnl.QUERY_SCRATCHPAD));
      scratchpadBytes = Dnnl.size(scratchpad);
      handle = resources.add(Dnnl.primitive(description));
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /** oneDNN's name for the code that runs. */
  String implementation() {
    return implementation;
  }

  Handle handle() {
    return handle;
  }

  Handle src() {
    return src;
  }

  Handle weights() {
    return weights;
  }

  Handle dst() {
    return dst;
  }

  Handle scratchpad() {
    return scratchpad;
  }

  /** Memory that each execution needs for itself, often 0. */
  long scratchpadBytes() {
    return scratchpadBytes;
  }

  @Override
  public void close() {
    resources.close();
  }
}
