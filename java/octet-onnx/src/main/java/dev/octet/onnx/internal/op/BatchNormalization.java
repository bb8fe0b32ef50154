package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/**
 * {@code x * s + (bias - mean * s)} with {@code s = scale / sqrt(variance + epsilon)}, numbers of each
 * channel: batch normalization with a mean and variance that were found in training.
 *
 * @param epsilon added to the variance
 */
public record BatchNormalization(float epsilon) implements Op {
  static BatchNormalization read(Attributes attributes) {
    attributes.ignore("momentum"); // of training
    if (attributes.opset() >= 14 && attributes.integer("training_mode", 0) != 0) {
      throw new UnsupportedOperationException("attribute training_mode: training is not offered");
    }
    return new BatchNormalization(attributes.real("epsilon", 1e-5f));
  }

  @Override
  public String type() {
    return "BatchNormalization";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 5, 5);
    Known x = inputs.getFirst();
    if (x.hasRank() && x.rank() < 2) {
      throw new IllegalArgumentException("input 0: expected batch and channels, got " + x);
    }
    for (int i = 0; i < 5; i++) {
      Inputs.type(inputs, i, Set.of(ElementType.F32));
      Known of = inputs.get(i);
      if (i > 0 && x.hasRank() && of.hasRank() && (of.rank() != 1
          || (of.dims()[0] >= 0 && x.dims()[1] >= 0 && of.dims()[0] != x.dims()[1]))) {
        throw new IllegalArgumentException(
            "input " + i + ": expected a number for each channel of " + x + ", got " + of);
      }
    }
    return List.of(Known.shaped(ElementType.F32, x.dims()));
  }

  /** The factor of a channel. */
  public float factor(float scale, float variance) {
    return scale / (float) Math.sqrt(variance + epsilon);
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> plan(in.getFirst());
  }

  private Step plan(Known x) {
    long batch = x.dims()[0];
    long channels = x.dims()[1];
    long pixels = Dims.product(x.dims(), 2, x.rank());
    return (in, out, scratch) -> {
      for (long image = 0; image < batch * channels; image++) {
        long channel = image % channels;
        float factor = factor(Elements.real(in[1], channel), Elements.real(in[4], channel));
        float shift = Elements.real(in[2], channel) - Elements.real(in[3], channel) * factor;
        MemorySegment from = in[0].asSlice(4 * image * pixels, 4 * pixels);
        MemorySegment to = out[0].asSlice(4 * image * pixels, 4 * pixels);
        FloatMap.run(from, to, pixels, scratch, (a, b, n) -> FloatFunctions.scale(a, factor, shift, b, n));
      }
    };
  }
}
