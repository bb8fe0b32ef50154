package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.WeightOp;
import dev.octet.onnx.internal.packs.Packs;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Conv2d;
import java.util.List;

/**
 * What a pass makes of ConvInteger, Cast, Mul and Add: integers with their scale and zero point to floats,
 * {@code f32(acc) * f32(sx * sw[o]) + bias[o]}. Its inputs are the integers, the scale and the zero point.
 *
 * @param weights {@code [out channels][channels of a group][height][width]}; {@link Weights#isOffered()}
 * @param conv the convolution
 * @param bias F32, one for each out channel; null where there is none
 */
public record IntegerConv(Weights weights, ConvInteger conv, float[] bias) implements WeightOp {
  @Override
  public String type() {
    return "IntegerConv";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Scales.checkQuantized(inputs);
    return List.of(Known.shaped(ElementType.F32, shape(inputs.getFirst())));
  }

  /** The shape of the result; null where its rank is not known. */
  long[] shape(Known x) {
    return Convolutions.shape(conv.window(), conv.groups(), x, weights.data());
  }

  /** What convolves images of 8 bits of a shape, and may be closed. */
  NhwcConv prepare(Packs packs, ElementType type, Known x) {
    Conv2d op = NhwcConv.prepare(packs, weights, conv.window(), conv.groups(), x, builder -> {
      builder.inputAtRun(Weights.type(type)).outputF32();
      if (bias != null) {
        builder.bias(bias);
      }
    });
    return NhwcConv.of(packs.octet(), op, type);
  }

  @Override
  public Kernel kernel(Packs packs, List<Known> inputs) {
    Known x = inputs.getFirst();
    return new ImageKernel(prepare(packs, x.type(), x), x.type(), 1, 2);
  }
}
