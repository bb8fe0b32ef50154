package dev.octet.internal.scalar;

import dev.octet.DataType;
import dev.octet.engine.Numbers;
import dev.octet.engine.OutputSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * From an accumulator to an element of the output: the rows requantize, f32 output and fused clamp of the
 * law.
 */
final class ScalarOutput {
  private ScalarOutput() {}

  /**
   * Stores one result.
   *
   * @param accumulator with compensation and integer bias
   * @param inputScale sx
   * @param inputScaleAtRun whether sx came with the run, which changes the order of the multiplications
   * @param weightScale sw
   * @param floatBias added to an F32 result when hasFloatBias
   */
  static void store(OutputSpec output, int accumulator, float inputScale, boolean inputScaleAtRun,
      float weightScale,
      boolean hasFloatBias, float floatBias, MemorySegment dst, long index) {
    switch (output.type()) {
      case S32 -> dst.set(ValueLayout.JAVA_INT_UNALIGNED, 4 * index, accumulator);
      case F32 ->
        storeReal((float) accumulator * (inputScale * weightScale), hasFloatBias, floatBias, output.min(),
            output.max(), dst, index);
      default -> {
        float multiplier = inputScaleAtRun
            ? inputScale * (weightScale / output.scale())
            : Numbers.multiplier(inputScale, weightScale, output.scale());
        float t = (float) accumulator * multiplier;
        dst.set(ValueLayout.JAVA_BYTE, index,
            (byte) Numbers.round(t, output.zeroPoint(), output.lo(), output.hi()));
      }
    }
  }

  /** Stores a real result: the bias is a rounding of its own, then the clamp. */
  static void storeReal(float result, boolean hasBias, float bias, float min, float max, MemorySegment dst,
      long index) {
    float y = hasBias ? result + bias : result;
    dst.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * index, Math.min(Math.max(y, min), max));
  }

  /** A byte as the integer that it stands for. */
  static int load(MemorySegment src, DataType type, long index) {
    byte b = src.get(ValueLayout.JAVA_BYTE, index);
    return type == DataType.U8 ? b & 0xff : b;
  }
}
