package dev.octet.internal.scalar;

import dev.octet.DataType;
import dev.octet.engine.DynamicQuantizeKernel;
import dev.octet.engine.Numbers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The law of dynamic quantize. A NaN stays in min and max (as {@link Math#min} and {@link Math#max} have it),
 * so a row that holds one has scale NaN and dequantizes to NaN instead of to plausible numbers.
 */
final class ScalarDynamicQuantize implements DynamicQuantizeKernel {
  @Override
  public String name() {
    return "scalar:dynamic_quantize_u8";
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, MemorySegment scales, MemorySegment zeroPoints,
      int rows, long columns) {
    for (int row = 0; row < rows; row++) {
      long first = row * columns;
      float min = 0;
      float max = 0;
      for (long i = first; i < first + columns; i++) {
        float x = src.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i);
        min = Math.min(min, x);
        max = Math.max(max, x);
      }
      float scale = Numbers.rangeScale(min, max, DataType.U8);
      int zeroPoint = Numbers.rangeZeroPoint(min, scale, DataType.U8);
      for (long i = first; i < first + columns; i++) {
        float x = src.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i);
        dst.set(ValueLayout.JAVA_BYTE, i, (byte) Numbers.quantize(x, scale, zeroPoint, DataType.U8));
      }
      scales.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * row, scale);
      zeroPoints.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * row, zeroPoint);
    }
  }
}
