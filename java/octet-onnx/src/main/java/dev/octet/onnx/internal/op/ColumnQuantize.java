package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Quantize;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What a pass makes of a product with a power of 2 for each column, and QuantizeLinear: the columns have
 * scales of their own.
 *
 * @param factors powers of 2
 * @param to of the products
 */
public record ColumnQuantize(float[] factors, Quantized to) implements Op {
  /** Whether numbers are powers of 2 that leave all scales normal numbers. */
  public static boolean isOffered(float[] factors, Quantized to) {
    for (float factor : factors) {
      if (!(factor > 0) || Math.scalb(1f, Math.getExponent(factor)) != factor
          || !new Quantized(to.type(), to.scale() / factor, to.zeroPoint()).isOffered()) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String type() {
    return "ColumnQuantize";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    return List.of(Known.shaped(to.type(), inputs.getFirst().dims()));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    float[] scales = factors.clone();
    for (int i = 0; i < scales.length; i++) {
      scales[i] = to.scale() / factors[i];
    }
    int[] zeroPoints = new int[scales.length];
    Arrays.fill(zeroPoints, to.zeroPoint());
    Quantize op = octet.quantize()
        .output(to.dataType(), Quantization.perChannel(1, scales, zeroPoints)).prepare();
    return new OctetKernel(op, 1, in -> {
      Shape shape = Shape.of(in.getFirst().elements() / scales.length, scales.length);
      return (from, result, scratch) -> op.run(from[0], result[0], shape);
    });
  }
}
