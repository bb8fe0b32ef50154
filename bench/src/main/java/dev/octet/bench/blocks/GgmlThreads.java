package dev.octet.bench.blocks;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Threads of ggml, which products share as they do in llama.cpp. After a product they look for the next one
 * for a while, and take a processor for it: before others have their turn they are sent to {@link #rest}.
 */
@SuppressWarnings("restricted")
final class GgmlThreads implements AutoCloseable {
  /** sizeof(ggml_threadpool_params): flags of 512 processors and six fields. */
  private static final long PARAMS = 528;

  private final Ggml ggml;
  private final int count;
  private final MemorySegment pool;

  /**
   * Starts threads.
   *
   * @param ggml ggml
   * @param count of a product, the caller's included
   */
  GgmlThreads(Ggml ggml, int count) {
    this.ggml = ggml;
    this.count = count;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment params = arena.allocate(PARAMS, Long.BYTES);
      ggml.base().call("ggml_threadpool_params_init", params, count);
      this.pool = ggml.cpu().pointer("ggml_threadpool_new", params);
    }
  }

  /** Lets a backend compute with these threads. */
  void serve(MemorySegment backend) {
    ggml.cpu().call("ggml_backend_cpu_set_n_threads", backend, count);
    ggml.cpu().call("ggml_backend_cpu_set_threadpool", backend, pool);
  }

  /** Puts the threads to sleep; the next product wakes them. */
  void rest() {
    ggml.cpu().call("ggml_threadpool_pause", pool);
  }

  /** Ends the threads; products that they serve are closed before. */
  @Override
  public void close() {
    ggml.cpu().call("ggml_threadpool_free", pool);
  }
}
