package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.WeightOp;
import dev.octet.onnx.internal.packs.Packs;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Conv2d;
import java.util.List;
import java.util.Set;

/**
 * Convolution of images of 8 bits with channels last, all of whose scales and zero points are known, by
 * Octet's {@link Conv2d}.
 *
 * @param weights {@code [out channels][channels of a group][height][width]}; {@link Weights#isOffered()}
 * @param window how the weights move over an image
 * @param groups of channels
 * @param from of the images
 * @param result what becomes of the sums
 */
public record QuantizedConv(Weights weights, WindowAttributes window, long groups, Quantized from,
    Requantized result) implements WeightOp {
  @Override
  public String type() {
    return "QuantizedConv";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, Set.of(from.type()));
    ElementType to = result.to() == null ? ElementType.F32 : result.to().type();
    long[] dims = Convolutions.shape(window, groups, ChannelsFirst.first(inputs.getFirst()), weights.data());
    return List.of(ChannelsFirst.last(Known.shaped(to, dims)));
  }

  @Override
  public Kernel kernel(Packs packs, List<Known> inputs) {
    Conv2d op = NhwcConv.prepare(packs, weights, window, groups, ChannelsFirst.first(inputs.getFirst()),
        builder -> result.set(builder.input(from.dataType(), from.quantization())));
    return new OctetKernel(op, 1, in -> {
      Images images = Images.of(in.getFirst());
      return (x, y, scratch) -> op.run(x[0], y[0], images.batch(), images.height(), images.width());
    });
  }
}
