package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.internal.graph.WeightOp;
import dev.octet.onnx.internal.packs.Packs;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Conv2d;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Convolution of images of 8 bits, in 32 bits: by Octet's {@link dev.octet.op.Conv2d} where the weights are
 * constants, else in loops. The zero point of the weights is one number.
 *
 * @param window how the weights move over an image
 * @param groups of channels
 */
public record ConvInteger(WindowAttributes window, long groups) implements WeightOp {
  static ConvInteger read(Attributes attributes) {
    return new ConvInteger(WindowAttributes.read(attributes, true, false), Convolutions.groups(attributes));
  }

  @Override
  public String type() {
    return "ConvInteger";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 4);
    for (int i = 0; i < 2; i++) {
      Inputs.type(inputs, i, Scales.BYTES);
      if (Inputs.optional(inputs, i + 2) != null) {
        Inputs.sameType(inputs, i, i + 2);
        Inputs.scalar(inputs, i + 2);
      }
    }
    return List.of(Known.shaped(ElementType.I32,
        Convolutions.shape(window, groups, inputs.get(0), inputs.get(1))));
  }

  @Override
  public Kernel kernel(Packs packs, List<Known> inputs) {
    Known x = inputs.get(0);
    Weights weights = new Weights(inputs.get(1), Weights.OUT_CHANNELS, null, Inputs.optional(inputs, 3));
    if (!weights.isOffered() || !isOctets(x)) {
      return (in, out) -> plan(in, out.getFirst());
    }
    Conv2d op = NhwcConv.prepare(packs, weights, window, groups, x,
        builder -> builder.inputAtRun(Weights.type(x.type())).outputS32());
    return new ImageKernel(NhwcConv.of(packs.octet(), op, x.type()), x.type(), -1,
        Inputs.optional(inputs, 2) == null ? -1 : 2);
  }

  /** Whether Octet convolves such images: the padding of all runs is known. */
  public boolean isOctets(Known x) {
    return FixedWindow.isFixed(window, x);
  }

  private Step plan(List<Known> in, Known y) {
    Known x = in.get(0);
    Known w = in.get(1);
    return new Loops(Convolutions.window(window, x, w), x.dims()[1] / groups,
        w.dims()[0] / groups, groups, y.elements(), x.type(), w.type());
  }

  /**
   * A run with weights that are not known before.
   *
   * @param channels of a group
   * @param outs out channels of a group
   * @param elements of the result
   */
  private record Loops(Window window, long channels, long outs, long groups, long elements,
      ElementType left, ElementType right) implements Step {
    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      long zero = in.length > 2 && in[2] != null ? Elements.integer(in[2], left, 0) : 0;
      long other = in.length > 3 && in[3] != null ? Elements.integer(in[3], right, 0) : 0;
      int columns = window.columns().windows();
      for (long i = 0; i < elements; i++) {
        int column = (int) (i % columns);
        int row = (int) (i / columns % window.rows().windows());
        long channel = i / window.windows();
        out[0].set(Elements.INT, 4 * i, sum(in[0], in[1], channel, row, column, zero, other));
      }
    }

    /** A sum, of an out channel counted through all images. */
    private int sum(MemorySegment x, MemorySegment w, long channel, int row, int column, long zero,
        long other) {
      long group = channel / outs;
      long own = channel % (outs * groups);
      int sum = 0;
      for (long c = 0; c < channels; c++) {
        for (int tap = 0; tap < window.taps(); tap++) {
          long y = place(window.rows(), row, tap / window.columns().size());
          long z = place(window.columns(), column, tap % window.columns().size());
          if (y >= 0 && z >= 0) {
            long at = ((group * channels + c) * window.rows().length() + y) * window.columns().length() + z;
            sum += (int) ((Elements.integer(x, left, at) - zero)
                * (Elements.integer(w, right, (own * channels + c) * window.taps() + tap) - other));
          }
        }
      }
      return sum;
    }

    /** Where a tap lies in the image; -1 in the padding. */
    private static long place(Window.Axis axis, int window, int tap) {
      long at = (long) window * axis.stride() + (long) tap * axis.dilation() - axis.before();
      return at < axis.length() ? Math.max(-1, at) : -1;
    }
  }
}
