package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
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
  /** The array of {@link Scratch} that a bias is in. */
  private static final int BIAS = 10;

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
    return isProduct(inputs.get(0), w) ? new Dense(transposed(w)) : (in, out) -> plan(in);
  }

  /**
   * Whether images of one element each are multiplied with a constant matrix, as in squeeze and excitation.
   */
  private boolean isProduct(Known x, Known w) {
    return w.isConstant() && groups == 1 && x.isShaped() && x.elements() > 0 && x.rank() == w.rank()
        && Arrays.stream(x.dims()).skip(2).allMatch(dim -> dim == 1)
        && Convolutions.window(window, x, w).isPointwise();
  }

  private static FloatPanels transposed(Known w) {
    long[] dims = w.dims();
    MemorySegment turned = MemorySegment.ofArray(new float[Runs.array("weights", w.elements())]);
    new Strided(new long[]{dims[1], dims[0]}, new long[]{1, dims[1]}, 4).copy(w.data(), 0, turned);
    return FloatPanels.pack(turned, dims[1], dims[0]);
  }

  /** A product of as many rows as there are images. */
  private record Dense(FloatPanels weights) implements Kernel {
    @Override
    public Step plan(List<Known> in, List<Known> out) {
      long rows = in.getFirst().dims()[0];
      int columns = Math.toIntExact(out.getFirst().dims()[1]);
      return (from, to, scratch) -> weights.multiply(from[0], to[0], rows,
          new FloatPanels.Bias(null, bias(from, 0, columns, scratch)), scratch);
    }

    @Override
    public boolean reads(int input) {
      return input != 1;
    }
  }

  /** The bias of some channels; null where there is none. */
  static float[] bias(MemorySegment[] in, int first, int count, Scratch scratch) {
    if (in.length < 3 || in[2] == null) {
      return null;
    }
    float[] bias = scratch.floats(BIAS, count);
    MemorySegment.copy(in[2], Elements.FLOAT, 4L * first, bias, 0, count);
    return bias;
  }

  private Step plan(List<Known> in) {
    Known x = in.get(0);
    Known w = in.get(1);
    Window places = Convolutions.window(window, x, w);
    int channels = Runs.count("channels", w.dims()[1]);
    int outs = Runs.count("channels", w.dims()[0] / groups);
    int batch = Runs.count("groups of images", Math.multiplyExact(x.dims()[0], groups));
    int parts = (int) groups;
    Runs.array("an image", places.windows());
    return channels == 1 && outs == 1
        ? new DepthwiseConv(places, new Polyphase(places, 1), batch, parts)
        : new GroupedConv(places, places.isPointwise() ? null : new Polyphase(places, channels), batch, parts,
            channels, outs);
  }
}
