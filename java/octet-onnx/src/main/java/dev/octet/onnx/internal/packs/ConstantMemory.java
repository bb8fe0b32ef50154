package dev.octet.onnx.internal.packs;

import java.lang.foreign.Arena;
import java.lang.ref.Cleaner;

/**
 * Memory of the constants that a prepared model has copies of. Closing it frees them at once: a collector
 * sees small objects where a table of embeddings is, and may not come for long. Where nobody closes it, it is
 * freed when it is collected.
 */
public final class ConstantMemory implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Arena arena = Arena.ofShared();
  private final Cleaner.Cleanable cleanable = CLEANER.register(this, arena::close);

  /** Where constants are copied to, or mapped. */
  Arena arena() {
    return arena;
  }

  /** Frees all of it, which nothing may read any more; has no effect when called again. */
  @Override
  public void close() {
    cleanable.clean();
  }
}
