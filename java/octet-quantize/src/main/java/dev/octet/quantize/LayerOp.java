package dev.octet.quantize;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.WeightLayout;
import dev.octet.op.DynamicMatMul;
import dev.octet.op.DynamicQuantize;
import dev.octet.op.MatMul;
import dev.octet.op.Quantize;
import dev.octet.op.WeightOnlyMatMul;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** A quantized layer on the ops of an Octet: the integers are those that any program will get. */
@FunctionalInterface
interface LayerOp {
  /** Rows of inputs to rows of outputs. */
  float[] run(float[] x);

  static LayerOp prepare(Octet octet, QuantizedLinear quantized) {
    if (quantized.weights().isEmpty()) {
      return x -> quantized.layer().run(rounded(quantized, x));
    }
    QTensor weights = octetWeights(quantized.weights().get());
    Linear layer = quantized.layer();
    if (quantized.scheme().activations().isEmpty()) {
      WeightOnlyMatMul.Builder builder = octet.weightOnlyMatMul().weights(weights, WeightLayout.OUT_IN);
      WeightOnlyMatMul op = (layer.bias() == null ? builder : builder.bias(layer.bias())).prepare();
      return x -> outputs(layer, x, (y, rows) -> op.run(MemorySegment.ofArray(x), y, rows));
    }
    ActivationScheme activations = quantized.scheme().activations().get();
    return switch (activations.granularity()) {
      case PER_TOKEN, PER_TOKEN_AND_GROUP -> {
        DynamicMatMul.Builder builder = octet.dynamicMatMul().weights(weights, WeightLayout.OUT_IN);
        DynamicMatMul op = (layer.bias() == null ? builder : builder.bias(layer.bias())).prepare();
        yield x -> outputs(layer, x, (y, rows) -> op.run(MemorySegment.ofArray(x), y, rows));
      }
      case PER_TENSOR -> activations.when() == ActivationScheme.When.STATIC
          ? fixed(octet, quantized, weights, activations.type())
          : perTensor(octet, layer, weights);
    };
  }

  private static LayerOp fixed(Octet octet, QuantizedLinear quantized, QTensor weights, DataType type) {
    Linear layer = quantized.layer();
    Quantization input = quantized.input().orElseThrow();
    Quantize quantize = octet.quantize().output(type, input).prepare();
    MatMul.Builder builder = octet.matMul().input(type, input).weights(weights, WeightLayout.OUT_IN)
        .outputF32();
    MatMul op = (layer.bias() == null ? builder : builder.bias(layer.bias())).prepare();
    return x -> {
      MemorySegment q = MemorySegment.ofArray(new byte[x.length]);
      quantize.run(MemorySegment.ofArray(x), q, x.length);
      return outputs(layer, x, (y, rows) -> op.run(q, y, rows));
    };
  }

  private static LayerOp perTensor(Octet octet, Linear layer, QTensor weights) {
    DynamicQuantize quantize = octet.dynamicQuantize().perTensor().prepare();
    MatMul.Builder builder = octet.matMul().inputPerRow(DataType.U8).weights(weights, WeightLayout.OUT_IN)
        .outputF32();
    MatMul op = (layer.bias() == null ? builder : builder.bias(layer.bias())).prepare();
    return x -> outputs(layer, x, (y, rows) -> {
      MemorySegment q = MemorySegment.ofArray(new byte[x.length]);
      float[] scales = new float[rows];
      int[] zeroPoints = new int[rows];
      if (rows > 0) {
        quantize.run(MemorySegment.ofArray(x), q, MemorySegment.ofArray(scales),
            MemorySegment.ofArray(zeroPoints), rows, layer.in());
        Arrays.fill(scales, scales[0]);
        Arrays.fill(zeroPoints, zeroPoints[0]);
      }
      op.run(q, MemorySegment.ofArray(scales), MemorySegment.ofArray(zeroPoints), y, rows);
    });
  }

  /** Writes outputs of so many rows. */
  @FunctionalInterface
  interface Product {
    void run(MemorySegment y, int rows);
  }

  private static float[] outputs(Linear layer, float[] x, Product product) {
    int rows = layer.rows(x);
    float[] y = new float[rows * layer.out()];
    product.run(MemorySegment.ofArray(y), rows);
    return y;
  }

  /** 4-bit weights without groups as 8-bit ones of the same integers: no op takes them as they are. */
  private static QTensor octetWeights(QTensor weights) {
    if (weights.type().isByte() || weights.quantization().granularity() == Granularity.PER_GROUP) {
      return weights;
    }
    byte[] bytes = new byte[(int) weights.shape().elements()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) weights.get(i);
    }
    return QTensor.of(DataType.S8, weights.shape(), weights.quantization(), bytes);
  }

  /** An input as it is after quantization, in FP32. */
  private static float[] rounded(QuantizedLinear quantized, float[] x) {
    ActivationScheme activations = quantized.scheme().activations().orElseThrow();
    int in = quantized.layer().in();
    quantized.layer().rows(x);
    float[] result = new float[x.length];
    boolean perToken = activations.granularity() == ActivationScheme.Granularity.PER_TOKEN;
    int width = perToken ? in : x.length;
    for (int from = 0; from < x.length; from += width) {
      Grid grid;
      if (activations.when() == ActivationScheme.When.STATIC) {
        Quantization input = quantized.input().orElseThrow();
        grid = new Grid(input.scale(0), input.zeroPoint(0), activations.type().min(),
            activations.type().max());
      } else {
        float min = 0;
        float max = 0;
        for (int i = from; i < from + width; i++) {
          min = Math.min(min, x[i]);
          max = Math.max(max, x[i]);
        }
        grid = Grid.of(quantized.name() + ".input", min, max, activations.type(), false);
      }
      for (int i = from; i < from + width; i++) {
        result[i] = grid.nearest(x[i]);
      }
    }
    return result;
  }
}
