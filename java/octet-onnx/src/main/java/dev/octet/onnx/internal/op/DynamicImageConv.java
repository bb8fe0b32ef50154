package dev.octet.onnx.internal.op;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.WeightOp;
import dev.octet.onnx.internal.packs.Packs;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Conv2d;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What quantizing makes of a convolution of floats with constant weights: S8 weights with a scale of each out
 * channel, each image quantized by its own range. Its inputs are the images and the weights, floats, which
 * {@link #kernel} quantizes and no run reads.
 *
 * @param conv the convolution of floats
 * @param bias F32, one for each out channel; null where there is none
 */
public record DynamicImageConv(Conv conv, float[] bias) implements WeightOp {
  @Override
  public String type() {
    return "DynamicImageConv";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    return conv.infer(inputs);
  }

  @Override
  public Kernel kernel(Packs packs, List<Known> inputs) {
    Known w = inputs.get(1);
    QTensor quantized = SignedWeights.of(w, 0);
    Known scales = new Known(ElementType.F32, new long[]{w.dims()[0]},
        MemorySegment.ofArray(quantized.quantization().scales()));
    Weights weights = new Weights(new Known(ElementType.I8, w.dims(), quantized.data()),
        Weights.OUT_CHANNELS, scales, null);
    Conv2d op = NhwcConv.prepare(packs, weights, conv.window(), conv.groups(), inputs.getFirst(), builder -> {
      builder.inputPerImage(DataType.U8).outputF32();
      if (bias != null) {
        builder.bias(bias);
      }
    });
    NhwcConv images = NhwcConv.of(packs.octet(), op, ElementType.U8);
    return DynamicConv.kernel(packs.octet().dynamicQuantize().perRow().prepare(), images, true);
  }
}
