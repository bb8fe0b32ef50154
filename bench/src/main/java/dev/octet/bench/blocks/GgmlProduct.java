package dev.octet.bench.blocks;

import dev.octet.BlockFormat;
import dev.octet.bench.foreign.CLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Rows of floats times one or more matrices of weights, by ggml: a graph of a mul_mat each. The weights are
 * where llama.cpp puts them at load: in the first type of memory whose kernels take the product, which packs
 * them anew where such kernels exist.
 */
@SuppressWarnings("restricted")
final class GgmlProduct implements AutoCloseable {
  /** GGML_TYPE_F32. */
  private static final int F32 = 0;
  /** GGML_BACKEND_BUFFER_USAGE_WEIGHTS. */
  private static final int USAGE_WEIGHTS = 1;
  /** Rows of the product with which llama.cpp asks whether kernels take it. */
  private static final long ROWS_OF_THE_QUESTION = 512;
  /** The field buffer of ggml_tensor. */
  private static final long TENSOR_BUFFER = 8;

  private final Ggml ggml;
  private final Deque<Runnable> closing = new ArrayDeque<>();
  private final String memory;
  private final MemorySegment input;
  private final List<MemorySegment> outputs = new ArrayList<>();
  private final MethodHandle compute;
  private final MemorySegment backend;
  private final MemorySegment graph;

  /**
   * Loads weights.
   *
   * @param ggml ggml
   * @param format the format of the weights
   * @param weights native memory of each matrix, {@code [n][k]}
   * @param m rows of a run
   * @param k elements of a row
   * @param n outputs of each matrix
   * @param threads compute it, and are closed after it
   */
  GgmlProduct(Ggml ggml, BlockFormat format, List<MemorySegment> weights, long m, long k, long n,
      GgmlThreads threads) {
    this.ggml = ggml;
    CLibrary base = ggml.base();
    try {
      MemorySegment bufferType = bufferType(format, k, n);
      this.memory = base.text("ggml_backend_buft_name", bufferType);
      MemorySegment weightsContext = context(weights.size());
      List<MemorySegment> matrices = new ArrayList<>();
      for (int i = 0; i < weights.size(); i++) {
        matrices.add(base.pointer("ggml_new_tensor_2d", weightsContext, format.id(), k, n));
      }
      base.call("ggml_backend_buffer_set_usage", allocate(weightsContext, bufferType), USAGE_WEIGHTS);
      for (int i = 0; i < weights.size(); i++) {
        base.call("ggml_backend_tensor_set", matrices.get(i), weights.get(i), 0L, n * Ggml.bytes(format, k));
      }

      MemorySegment context = context(weights.size() + 1L);
      MemorySegment x = base.pointer("ggml_new_tensor_2d", context, F32, k, m);
      this.graph = base.pointer("ggml_new_graph", context);
      List<MemorySegment> products = new ArrayList<>();
      for (MemorySegment matrix : matrices) {
        MemorySegment product = base.pointer("ggml_mul_mat", context, matrix, x);
        base.call("ggml_build_forward_expand", graph, product);
        products.add(product);
      }
      allocate(context, base.pointer("ggml_backend_cpu_buffer_type"));
      this.input = data(x, m * k);
      products.forEach(product -> outputs.add(data(product, m * n)));
      this.backend = ggml.cpu().pointer("ggml_backend_cpu_init");
      closing.push(() -> base.call("ggml_backend_free", backend));
      threads.serve(backend);
      this.compute = base.bind("ggml_backend_graph_compute",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** The first type of memory whose kernels take the product, the usual one at last. */
  private MemorySegment bufferType(BlockFormat format, long k, long n) {
    CLibrary base = ggml.base();
    for (MemorySegment candidate : ggml.extraBufferTypes()) {
      MemorySegment context = context(3);
      MemorySegment weights = base.pointer("ggml_new_tensor_2d", context, format.id(), k, n);
      MemorySegment x = base.pointer("ggml_new_tensor_2d", context, F32, k, ROWS_OF_THE_QUESTION);
      MemorySegment product = base.pointer("ggml_mul_mat", context, weights, x);
      MemorySegment none = base.pointer("ggml_backend_buft_alloc_buffer", candidate, 0L);
      closing.push(() -> base.call("ggml_backend_buffer_free", none));
      weights.reinterpret(TENSOR_BUFFER + ValueLayout.ADDRESS.byteSize()).set(ValueLayout.ADDRESS,
          TENSOR_BUFFER, none);
      if (base.truth("ggml_backend_dev_supports_op", ggml.device(), product)) {
        return candidate;
      }
    }
    return base.pointer("ggml_backend_cpu_buffer_type");
  }

  private MemorySegment context(long tensors) {
    MemorySegment context = ggml.context(tensors);
    closing.push(() -> ggml.base().call("ggml_free", context));
    return context;
  }

  private MemorySegment allocate(MemorySegment context, MemorySegment bufferType) {
    MemorySegment buffer = ggml.base().pointer("ggml_backend_alloc_ctx_tensors_from_buft", context,
        bufferType);
    closing.push(() -> ggml.base().call("ggml_backend_buffer_free", buffer));
    return buffer;
  }

  private MemorySegment data(MemorySegment tensor, long floats) {
    return ggml.base().pointer("ggml_get_data", tensor).reinterpret(floats * Float.BYTES);
  }

  /** The memory of the rows. */
  MemorySegment input() {
    return input;
  }

  /** The memory of the outputs of a matrix. */
  MemorySegment output(int matrix) {
    return outputs.get(matrix);
  }

  /** The type of memory that the weights are in: CPU_REPACK, or CPU for the bytes as they were. */
  String memory() {
    return memory;
  }

  /** Computes all products. */
  void run() {
    int status;
    try {
      status = (int) compute.invokeExact(backend, graph);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    if (status != 0) {
      throw new IllegalStateException("ggml_backend_graph_compute returned " + status);
    }
  }

  @Override
  public void close() {
    while (!closing.isEmpty()) {
      closing.pop().run();
    }
  }
}
