package dev.octet.bench.blocks;

import dev.octet.BlockFormat;
import dev.octet.bench.foreign.LimitLoops;
import dev.octet.op.DynamicMatMul;
import dev.octet.quantize.file.GgufFile;
import dev.octet.quantize.file.GgufTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What a decode step of a model is held against: its products alone, reading memory, and ggml. */
final class LlamaPeers implements AutoCloseable {
  private final Deque<Runnable> closing = new ArrayDeque<>();
  private final Arena arena = Arena.ofShared();

  LlamaPeers() {
    closing.push(arena::close);
  }

  /** The products of a step, each of one row; rows have as many floats as the longest takes or gives. */
  Runnable products(List<DynamicMatMul> products, int longest) {
    MemorySegment x = arena.allocate((long) longest * Float.BYTES, 64);
    MemorySegment y = arena.allocate((long) longest * Float.BYTES, 64);
    for (long i = 0; i < longest; i++) {
      x.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) Math.sin((double) i));
    }
    return () -> {
      for (DynamicMatMul product : products) {
        product.run(x, y, 1);
      }
    };
  }

  /** Reading so many bytes, cut into a part for each thread. */
  Runnable reading(LimitLoops loops, long bytes, int threads) {
    List<LimitLoops.Memory> parts = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      LimitLoops.Memory part = loops.new Memory(bytes / threads);
      closing.push(part::close);
      parts.add(part);
    }
    ExecutorService others = Executors.newFixedThreadPool(Math.max(1, threads - 1));
    closing.push(others::close);
    return () -> {
      List<CompletableFuture<Void>> running = parts.subList(1, threads).stream()
          .map(part -> CompletableFuture.runAsync(() -> part.read(1), others)).toList();
      parts.getFirst().read(1);
      running.forEach(CompletableFuture::join);
    };
  }

  /** The same products by ggml: a graph for each format and shape. */
  Runnable ggml(Ggml ggml, GgufFile file, int threads) {
    record Kind(BlockFormat format, long k, long n) {}
    Map<Kind, List<MemorySegment>> kinds = new LinkedHashMap<>();
    for (GgufTensor tensor : file.tensors()) {
      boolean looked = tensor.name().equals("token_embd.weight") && file.names().contains("output.weight");
      if (tensor.type().block().isPresent() && !looked) {
        kinds.computeIfAbsent(new Kind(tensor.type().block().get(), tensor.shape().dim(1),
            tensor.shape().dim(0)), kind -> new ArrayList<>()).add(tensor.data());
      }
    }
    GgmlThreads together = new GgmlThreads(ggml, threads);
    closing.push(together::close);
    List<GgmlProduct> products = new ArrayList<>();
    kinds.forEach((kind, weights) -> {
      GgmlProduct product = new GgmlProduct(ggml, kind.format, weights, 1, kind.k, kind.n, together);
      closing.push(product::close);
      product.input().fill((byte) 0x3e);
      products.add(product);
    });
    return () -> {
      products.forEach(GgmlProduct::run);
      together.rest();
    };
  }

  @Override
  public void close() {
    while (!closing.isEmpty()) {
      closing.pop().run();
    }
  }
}
