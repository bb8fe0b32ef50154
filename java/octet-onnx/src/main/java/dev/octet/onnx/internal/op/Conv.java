package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.WeightLayout;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Sgemm;
import java.util.Arrays;
import java.util.List;

/**
 * Convolution of floats: images {@code [batch][channels][height][width]}, or without height, weights
 * {@code [out channels][channels of a group][height][width]}, and a bias for each out channel where there is
 * one.
 *
 * @param window how the weights move over an image
 * @param groups of channels
 */
public record Conv(WindowAttributes window, long groups) implements Op {
  static Conv read(Attributes attributes) {
    return new Conv(WindowAttributes.read(attributes, true, false), Convolutions.groups(attributes));
  }

  @Override
  public String type() {
    return "Conv";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 3);
    Inputs.floats(inputs);
    Known w = inputs.get(1);
    Known bias = Inputs.optional(inputs, 2);
    if (bias != null && bias.hasRank() && w.hasRank()) {
      Convolutions.checkBias(bias, w.dims()[0]);
    }
    return List.of(Known.shaped(ElementType.F32, Convolutions.shape(window, groups, inputs.get(0), w)));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    Known w = inputs.get(1);
    Known bias = Inputs.optional(inputs, 2);
    float[] numbers = Inputs.finite(bias);
    if (isProduct(inputs.get(0), w) && (bias == null || numbers != null)) {
      return product(octet, w, numbers);
    }
    if (w.isShaped() && w.dims()[1] == 1 && w.dims()[0] == groups) {
      return (in, out) -> plan(in, null, false);
    }
    // Sums of all groups begin with what is there.
    boolean adds = bias != null && (numbers == null || groups > 1);
    Sgemm.Builder builder = octet.sgemm();
    if (adds) {
      builder.accumulate();
    } else if (numbers != null) {
      builder.rowBias(numbers);
    }
    Sgemm op = builder.prepare();
    return new OctetKernel(op, adds ? 3 : 2, in -> plan(in, op, adds));
  }

  /**
   * Whether images of one element each are multiplied with a constant matrix, as in squeeze and excitation.
   */
  private boolean isProduct(Known x, Known w) {
    return w.isConstant() && groups == 1 && x.isShaped() && x.elements() > 0 && x.rank() == w.rank()
        && Arrays.stream(x.dims()).skip(2).allMatch(dim -> dim == 1)
        && Convolutions.window(window, x, w).isPointwise();
  }

  /** A product of as many rows as there are images. */
  private static Kernel product(Octet octet, Known w, float[] bias) {
    Sgemm.Builder builder = octet.sgemm().weights(w.data(), Runs.count("channels", w.dims()[1]),
        Runs.count("channels", w.dims()[0]), WeightLayout.OUT_IN);
    Sgemm op = (bias == null ? builder : builder.bias(bias)).prepare();
    return new OctetKernel(op, 1, in -> {
      int rows = Runs.count("images", in.getFirst().dims()[0]);
      return (from, to, scratch) -> op.run(from[0], to[0], rows);
    });
  }

  private Step plan(List<Known> in, Sgemm op, boolean adds) {
    Known x = in.get(0);
    Known w = in.get(1);
    Window places = Convolutions.window(window, x, w);
    int channels = Runs.count("channels", w.dims()[1]);
    int outs = Runs.count("channels", w.dims()[0] / groups);
    int images = Runs.count("images", x.dims()[0]);
    int parts = (int) groups;
    Runs.array("an image", places.windows());
    return op == null || (channels == 1 && outs == 1)
        ? new DepthwiseConv(places, new Polyphase(places, 1),
            Runs.count("groups of images", Math.multiplyExact(x.dims()[0], groups)), parts)
        : new GroupedConv(op, adds, places, places.isPointwise() ? null : new Polyphase(places, channels),
            images, parts, channels, outs);
  }
}
