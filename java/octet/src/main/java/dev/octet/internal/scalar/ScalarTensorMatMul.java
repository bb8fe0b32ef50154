package dev.octet.internal.scalar;

import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The law of dynamic matmul with one range of all rows: they become U8, then the product of such rows. */
final class ScalarTensorMatMul implements FloatMatMulKernel {
  private final int k;
  private final ScalarDynamicQuantize quantize = new ScalarDynamicQuantize();
  private final ScalarMatMul product;

  ScalarTensorMatMul(FloatMatMulSpec spec) {
    this.k = spec.weights().k();
    this.product = new ScalarMatMul(spec.product());
  }

  @Override
  public String name() {
    return product.name().replace("scalar:", "scalar:quantize+");
  }

  @Override
  public long packedBytes() {
    return product.packedBytes();
  }

  @Override
  public void run(MemorySegment src, long srcStride, MemorySegment dst, long dstStride, int rows) {
    int elements = Math.multiplyExact(rows, k);
    float[] dense = new float[elements];
    for (int i = 0; i < elements; i++) {
      dense[i] = src.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (i / k * srcStride + i % k));
    }
    MemorySegment values = MemorySegment.ofArray(new byte[elements]);
    float[] scale = new float[1];
    int[] zeroPoint = new int[1];
    quantize.run(MemorySegment.ofArray(dense), values, MemorySegment.ofArray(scale),
        MemorySegment.ofArray(zeroPoint), 1, elements);
    float[] scales = new float[rows];
    int[] zeroPoints = new int[rows];
    Arrays.fill(scales, scale[0]);
    Arrays.fill(zeroPoints, zeroPoint[0]);
    product.run(values, k, MemorySegment.ofArray(scales), MemorySegment.ofArray(zeroPoints), dst, dstStride,
        rows);
  }
}
