package dev.octet.internal.composed;

import dev.octet.engine.DynamicQuantizeKernel;
import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.MatMulKernel;
import dev.octet.internal.call.AutoMemory;
import dev.octet.internal.call.StatePool;
import java.lang.foreign.MemorySegment;

/**
 * Product of float rows that are quantized to U8 by one range: the range and the integers of all, then the
 * product of rows that all have the scale found.
 */
public final class ComposedDynamicMatMul implements FloatMatMulKernel {
  private final int k;
  private final DynamicQuantizeKernel quantize;
  private final MatMulKernel product;
  private final StatePool<Rows> pool = new StatePool<>(Rows::new);

  /**
   * Creates a kernel.
   *
   * @param spec the op
   * @param quantize makes U8 of rows; closed with this kernel
   * @param product the kernel of {@link FloatMatMulSpec#product}; closed with this kernel
   */
  public ComposedDynamicMatMul(FloatMatMulSpec spec, DynamicQuantizeKernel quantize, MatMulKernel product) {
    this.k = spec.weights().k();
    this.quantize = quantize;
    this.product = product;
  }

  @Override
  public void run(MemorySegment src, long srcStride, MemorySegment dst, long dstStride, int rows) {
    if (rows == 0) {
      return;
    }
    Rows state = pool.take();
    try {
      long elements = (long) rows * k;
      Quantized quantized = state.quantized;
      quantized.of(1, elements);
      MemorySegment dense = srcStride == k || rows == 1 ? src : state.dense(src, srcStride, k, rows);
      quantize.run(dense, quantized.values(), quantized.scales(), quantized.zeroPoints(), 1, elements);
      state.tables.fill(quantized.scales(), quantized.zeroPoints(), rows, 0, rows);
      product.run(quantized.values(), k, state.tables.scales(), state.tables.zeroPoints(), dst, dstStride,
          rows);
    } finally {
      pool.give(state);
    }
  }

  @Override
  public String name() {
    return Composed.quantizing(product.name());
  }

  @Override
  public long packedBytes() {
    return product.packedBytes();
  }

  @Override
  public long scratchBytes(long rows) {
    return rows * (k + RowTables.BYTES) + product.scratchBytes(rows);
  }

  @Override
  public void close() {
    pool.close();
    quantize.close();
    product.close();
  }

  /** What a running call has for itself. */
  private static final class Rows extends StatePool.State {
    private final Quantized quantized = new Quantized();
    private final RowTables tables = new RowTables();
    private final AutoMemory floats = new AutoMemory();

    /** Copies rows with gaps between them: a range is that of the rows alone. */
    private MemorySegment dense(MemorySegment src, long srcStride, int k, int rows) {
      MemorySegment to = floats.of(4L * k * rows);
      for (int row = 0; row < rows; row++) {
        MemorySegment.copy(src, 4L * row * srcStride, to, 4L * row * k, 4L * k);
      }
      return to;
    }
  }
}
