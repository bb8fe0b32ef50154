package dev.octet.onnx.internal.op;

import dev.octet.DataType;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.WeightOp;
import dev.octet.onnx.internal.packs.Packs;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Conv2d;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What quantizing makes of a convolution of floats with constant weights: S8 weights with a scale of each out
 * channel, each image quantized by its own range. Its inputs are the images and the weights, floats, which
 * {@link #kernel} quantizes and no run reads.
 *
 * @param conv the convolution of floats
 * @param scales of the out channels as S8
 * @param bias F32, one for each out channel; null where there is none
 */
public record DynamicImageConv(Conv conv, float[] scales, float[] bias) implements WeightOp {
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
    Known ofChannels = new Known(ElementType.F32, new long[]{w.dims()[0]}, MemorySegment.ofArray(scales));
    Conv2d op;
    try (Arena arena = Arena.ofConfined()) { // packing reads the integers, and nothing else does
      MemorySegment integers = SignedWeights.of(packs.octet(), w, 0, scales, arena).data();
      Weights weights = new Weights(new Known(ElementType.I8, w.dims(), integers), Weights.OUT_CHANNELS,
          ofChannels, null);
      op = NhwcConv.prepare(packs, weights, conv.window(), conv.groups(), inputs.getFirst(), builder -> {
        builder.inputPerImage(DataType.U8).outputF32();
        if (bias != null) {
          builder.bias(bias);
        }
      });
    }
    NhwcConv images = NhwcConv.of(packs.octet(), op, ElementType.U8);
    return DynamicConv.kernel(packs.octet().dynamicQuantize().perRow().prepare(), images, true);
  }
}
