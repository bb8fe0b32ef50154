package dev.octet.onnx.internal.op;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.WeightOp;
import dev.octet.onnx.internal.packs.Packs;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.WeightOnlyMatMul;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/**
 * Product of floats and constant weights of 4 bits, in blocks along the rows of the left side that share a
 * scale and a zero point. An operator of ONNX Runtime. Floats are multiplied with floats, whatever
 * accuracy_level allows.
 *
 * @param k columns of the left side
 * @param n columns of the result
 * @param block weights that share a scale
 */
record MatMulNBits(long k, long n, long block) implements WeightOp {
  private static final int BITS = 4;
  /** Where no zero points are given. */
  private static final int MIDDLE = 8;

  static MatMulNBits read(Attributes attributes) {
    attributes.ignore("accuracy_level");
    long bits = attributes.integer("bits", BITS);
    long block = attributes.integer("block_size", 0);
    long k = attributes.integer("K", 0);
    long n = attributes.integer("N", 0);
    if (bits != BITS || !Quantization.isGroupSizeOfProducts(block) || k % block != 0) {
      throw new UnsupportedOperationException(
          "weights of " + bits + " bits in blocks of " + block + " of " + k
              + " are not offered, only 4 bits in whole blocks of 16, 32, 64, 128 or 256");
    }
    if (k < 1 || n < 1 || Math.max(k, n) > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "attributes K and N: expected 1 to 2^31 - 9, got " + k + " and " + n);
    }
    return new MatMulNBits(k, n, block);
  }

  @Override
  public String type() {
    return "MatMulNBits";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 3, 6);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    Inputs.type(inputs, 1, Set.of(ElementType.U8));
    Inputs.type(inputs, 2, Set.of(ElementType.F32));
    long blocks = k / block;
    require(inputs, 1, n * k / 2);
    require(inputs, 2, n * blocks);
    if (Inputs.optional(inputs, 3) != null) {
      Inputs.type(inputs, 3, Set.of(ElementType.U8));
      require(inputs, 3, n * Math.ceilDiv(blocks, 2));
    }
    if (Inputs.optional(inputs, 4) != null) {
      throw new UnsupportedOperationException("input 4: an order of groups is not offered");
    }
    if (Inputs.optional(inputs, 5) != null) {
      Inputs.type(inputs, 5, Set.of(ElementType.F32));
      require(inputs, 5, n);
    }
    return List.of(Known.shaped(ElementType.F32,
        Products.shape(inputs.getFirst(), Known.of(ElementType.F32, k, n))));
  }

  private static void require(List<Known> inputs, int index, long elements) {
    Known input = inputs.get(index);
    if (input.isShaped() && input.elements() != elements) {
      throw new IllegalArgumentException(
          "input " + index + ": expected " + elements + " elements, got " + input);
    }
  }

  @Override
  public Kernel kernel(Packs packs, List<Known> inputs) {
    Scales.requireConstants(inputs, 0);
    float[] scales = Elements.floats(inputs.get(2));
    for (float scale : scales) {
      if (!Float.isFinite(scale)) {
        throw new UnsupportedOperationException("input 2: scales that are not finite are not offered");
      }
    }
    Quantization quantization = Quantization.perGroup(1, (int) block, scales,
        zeroPoints(Inputs.optional(inputs, 3), scales.length));
    WeightOnlyMatMul.Builder builder = packs.octet().weightOnlyMatMul();
    Known bias = Inputs.optional(inputs, 5);
    if (bias != null) {
      builder.bias(Elements.floats(bias));
    }
    WeightOnlyMatMul op = packs.prepare(builder,
        QTensor.of(DataType.U4, Shape.of(n, k), quantization, inputs.get(1).data()), WeightLayout.OUT_IN);
    return new OctetKernel(op, 1, in -> {
      int rows = Runs.rows(in.getFirst());
      return (from, to, scratch) -> op.run(from[0], to[0], rows);
    });
  }

  /** Two to a byte, those of each column in bytes of their own. */
  private int[] zeroPoints(Known packed, int count) {
    int[] result = new int[count];
    int blocks = (int) (k / block);
    int bytes = Math.ceilDiv(blocks, 2);
    for (int i = 0; i < count; i++) {
      int at = i % blocks;
      result[i] = packed == null
          ? MIDDLE
          : nibble(packed.data(), (long) (i / blocks) * bytes + at / 2, at % 2);
    }
    return result;
  }

  private static int nibble(MemorySegment data, long at, int high) {
    return data.get(Elements.BYTE, at) >> (high * BITS) & 0xf;
  }
}
