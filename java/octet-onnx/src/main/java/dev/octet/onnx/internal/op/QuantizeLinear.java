package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Quantize;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/**
 * {@code y = rint(x / scale) + zero point}, within the range of 8 bits, one scale and zero point of all or
 * one for each index of an axis. NaN becomes the smallest integer, as in ONNX Runtime.
 *
 * @param axis of scales and zero points, where there are several; below 0 from the end
 * @param to the type of the result where there is no zero point
 */
public record QuantizeLinear(long axis, ElementType to) implements Op {
  static QuantizeLinear read(Attributes attributes) {
    attributes.ignore("saturate"); // of floats of 8 bits only
    if (attributes.integer("block_size", 0) != 0) {
      throw new UnsupportedOperationException("attribute block_size: scales of blocks are not offered");
    }
    long type = attributes.integer("output_dtype", 0);
    ElementType to = type == 0 ? ElementType.U8 : Tensors.type((int) type);
    if (type != (int) type || (to != ElementType.U8 && to != ElementType.I8)) {
      throw new UnsupportedOperationException(
          "attribute output_dtype: element type " + type + " is not offered");
    }
    return new QuantizeLinear(attributes.integer("axis", 1), to);
  }

  @Override
  public String type() {
    return "QuantizeLinear";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 3);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    Inputs.type(inputs, 1, Set.of(ElementType.F32));
    Known x = inputs.get(0);
    Known zeroPoint = Inputs.optional(inputs, 2);
    if (zeroPoint != null) {
      Inputs.type(inputs, 2, Set.of(ElementType.I8, ElementType.U8));
    }
    Scales.check(axis, x, inputs.get(1), zeroPoint);
    return List.of(Known.shaped(zeroPoint == null ? to : zeroPoint.type(), x.dims()));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    Known zeroPoint = Inputs.optional(inputs, 2);
    Quantized all = Quantized.of(zeroPoint == null ? to : zeroPoint.type(), inputs.get(1), zeroPoint);
    if (all != null && all.isOffered()) {
      Quantize op = octet.quantize().output(all.dataType(), all.quantization()).prepare();
      return new OctetKernel(op, 1, in -> {
        long count = in.getFirst().elements();
        return (from, result, scratch) -> op.run(from[0], result[0], count);
      });
    }
    return (in, out) -> Scales.step(axis, in.get(0), in.get(1), out.getFirst().type(),
        QuantizeLinear::part);
  }

  private static void part(MemorySegment from, MemorySegment to, ElementType type, long first, int zero,
      float scale, int n, Scratch scratch) {
    float[] x = scratch.floats(0, Rows.LONGEST);
    byte[] y = scratch.bytes(Rows.LONGEST);
    MemorySegment.copy(from, Elements.FLOAT, 4 * first, x, 0, n);
    int least = (type == ElementType.U8 ? 0 : Byte.MIN_VALUE) - zero;
    quantize(x, scale, zero, least, y, n);
    MemorySegment.copy(y, 0, to, Elements.BYTE, first, n);
  }

  /**
   * Quantizes n floats.
   *
   * @param least the smallest integer less the zero point
   */
  static void quantize(float[] x, float scale, int zero, float least, byte[] y, int n) {
    float most = least + 255;
    for (int i = 0; i < n; i++) {
      float q = x[i] / scale;
      float above = q >= least ? q : least;
      y[i] = (byte) ((int) Math.rint(above <= most ? above : most) + zero);
    }
  }
}
