package dev.octet.internal.liboctet;

import dev.octet.engine.WeightPack;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;

/**
 * Packed weights of this engine: some memory, our own or that of a mapped file, which is freed when nobody
 * holds it any more. Holding is for prepare and close; a run counts nothing.
 */
abstract class NativePack implements WeightPack {
  private final String layout;
  private final MemorySegment content;
  private final Runnable free;
  private final AtomicInteger holders = new AtomicInteger(1);

  NativePack(String layout, MemorySegment content, Runnable free) {
    this.layout = layout;
    this.content = content;
    this.free = free;
  }

  @Override
  public final String layout() {
    return layout;
  }

  @Override
  public final MemorySegment content() {
    return content;
  }

  /** Where the packed bytes are. */
  final long address() {
    return content.address();
  }

  final long bytes() {
    return content.byteSize();
  }

  @Override
  public final void retain() {
    if (holders.getAndUpdate(count -> count == 0 ? 0 : count + 1) == 0) {
      throw new IllegalStateException("these packed weights are closed");
    }
  }

  @Override
  public final void release() {
    if (holders.decrementAndGet() == 0) {
      free.run();
    }
  }

  /** New memory that a function fills, given its address; freed if that fails. */
  static NativeMemory filled(long bytes, LongConsumer fill) {
    NativeMemory memory = NativeMemory.allocate(bytes);
    try {
      fill.accept(memory.address());
      return memory;
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  /** What a file holds must be as long as kernels will read. */
  static void checkSize(MemorySegment content, long expected, int k, int n) {
    if (content.byteSize() != expected) {
      throw new IllegalArgumentException("packed weights: expected " + expected + " bytes for " + k + " x "
          + n + " weights, got " + content.byteSize());
    }
  }
}
