package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Dequantize;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/**
 * {@code y = f32(x - zero point) * scale}, one of each or one for each index of an axis.
 *
 * @param axis of scales and zero points, where there are several; below 0 from the end
 */
public record DequantizeLinear(long axis) implements Op {
  static DequantizeLinear read(Attributes attributes) {
    if (attributes.integer("block_size", 0) != 0) {
      throw new UnsupportedOperationException("attribute block_size: scales of blocks are not offered");
    }
    if (attributes.integer("output_dtype", 0) > 1) {
      throw new UnsupportedOperationException(
          "attribute output_dtype: floats other than F32 are not offered");
    }
    return new DequantizeLinear(attributes.integer("axis", 1));
  }

  @Override
  public String type() {
    return "DequantizeLinear";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 3);
    Inputs.type(inputs, 0, Set.of(ElementType.I8, ElementType.U8, ElementType.I32));
    Inputs.type(inputs, 1, Set.of(ElementType.F32));
    Known x = inputs.get(0);
    Known scale = inputs.get(1);
    Known zeroPoint = Inputs.optional(inputs, 2);
    if (zeroPoint != null) {
      Inputs.sameType(inputs, 0, 2);
    }
    Scales.check(axis, x, scale, zeroPoint);
    return List.of(Known.shaped(ElementType.F32, x.dims()));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    Quantized all = Quantized.of(inputs.getFirst().type(), inputs.get(1), Inputs.optional(inputs, 2));
    if (all != null && all.isOffered()) {
      Dequantize op = octet.dequantize().input(all.dataType(), all.quantization()).prepare();
      return new OctetKernel(op, 1, in -> {
        long count = in.getFirst().elements();
        return (from, result, scratch) -> op.run(from[0], result[0], count);
      });
    }
    return (in, out) -> Scales.step(axis, in.get(0), in.get(1), in.getFirst().type(),
        DequantizeLinear::part);
  }

  private static void part(MemorySegment from, MemorySegment to, ElementType type, long first, int zero,
      float scale, int n, Scratch scratch) {
    float[] y = scratch.floats(0, Rows.LONGEST);
    if (type == ElementType.I32) {
      int[] x = scratch.ints(Rows.LONGEST);
      MemorySegment.copy(from, Elements.INT, 4 * first, x, 0, n);
      integers(x, zero, scale, y, n);
    } else {
      byte[] x = scratch.bytes(Rows.LONGEST);
      MemorySegment.copy(from, Elements.BYTE, first, x, 0, n);
      if (type == ElementType.U8) {
        unsigned(x, zero, scale, y, n);
      } else {
        signed(x, zero, scale, y, n);
      }
    }
    MemorySegment.copy(y, 0, to, Elements.FLOAT, 4 * first, n);
  }

  private static void integers(int[] x, int zero, float scale, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = (x[i] - zero) * scale;
    }
  }

  private static void unsigned(byte[] x, int zero, float scale, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = ((x[i] & 0xff) - zero) * scale;
    }
  }

  private static void signed(byte[] x, int zero, float scale, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = (x[i] - zero) * scale;
    }
  }
}
