package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Sgemm;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Transposed convolution of floats: images {@code [batch][channels][height][width]}, or without height,
 * weights {@code [channels][out channels of a group][height][width]}, and a bias for each out channel where
 * there is one.
 *
 * @param window how the weights move over the result
 * @param more elements behind each axis of the result; null where there are none
 * @param lengths of the result; null where they follow from the others
 * @param groups of channels
 */
record ConvTranspose(WindowAttributes window, long[] more, long[] lengths, long groups) implements Op {
  static ConvTranspose read(Attributes attributes) {
    return new ConvTranspose(WindowAttributes.read(attributes, true, false),
        attributes.integers("output_padding"), attributes.integers("output_shape"),
        Convolutions.groups(attributes));
  }

  @Override
  public String type() {
    return "ConvTranspose";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 3);
    Inputs.floats(inputs);
    Known x = inputs.get(0);
    Known w = inputs.get(1);
    if (!x.hasRank() || !w.hasRank()) {
      return List.of(Known.of(ElementType.F32));
    }
    if (x.rank() != w.rank()) {
      throw new IllegalArgumentException(
          "expected as many axes of images as of weights, got " + x + " and " + w);
    }
    int axes = x.rank() - 2;
    long[] sizes = Arrays.copyOfRange(w.dims(), Math.min(2, w.rank()), w.rank());
    window.check(x.rank(), sizes);
    WindowAttributes.check("output_padding", more, axes, 0);
    WindowAttributes.check("output_shape", lengths, axes, 0);
    long channels = x.dims()[1];
    if ((channels >= 0 && w.dims()[0] >= 0 && channels != w.dims()[0])
        || (channels >= 0 && channels % groups != 0) || w.dims()[1] == 0 || channels == 0) {
      throw new IllegalArgumentException(
          "the channels of " + x + " and the weights " + w + " do not fit " + groups + " groups");
    }
    long outs = w.dims()[1] < 0 ? Known.UNKNOWN : Math.multiplyExact(w.dims()[1], groups);
    Known bias = Inputs.optional(inputs, 2);
    if (bias != null && bias.hasRank()) {
      Convolutions.checkBias(bias, outs);
    }
    long[] dims = Dims.unknown(x.rank());
    dims[0] = x.dims()[0];
    dims[1] = outs;
    for (int axis = 0; axis < axes; axis++) {
      if (sizes[axis] == 0) {
        throw new IllegalArgumentException("expected a window of 1 or more, got weights " + w);
      }
      if (sizes[axis] > 0 && x.dims()[axis + 2] >= 0) {
        dims[axis + 2] = length(axis, axes, sizes[axis], x.dims()[axis + 2]);
      }
    }
    return List.of(Known.of(ElementType.F32, dims));
  }

  /** The elements that windows reach along an axis of the result, padding included. */
  private long reach(int axis, long size, long windows) {
    return Math.addExact(Math.multiplyExact(window.stride(axis), windows - 1),
        window.span(axis, size) + (more == null ? 0 : more[axis]));
  }

  private long length(int axis, int axes, long size, long windows) {
    if (lengths != null) {
      return lengths[axis];
    }
    if (window.padding().isSame()) {
      return Math.multiplyExact(windows, window.stride(axis));
    }
    long length = reach(axis, size, windows);
    if (window.padding() == WindowAttributes.Padding.NOTSET && window.pads() != null) {
      length -= window.pads()[axis] + window.pads()[axes + axis];
    }
    if (length < 0) {
      throw new IllegalArgumentException("pads of axis " + (axis + 2) + " are longer than the result");
    }
    return length;
  }

  private long before(int axis, int axes, long size, long windows) {
    if (lengths == null && !window.padding().isSame()) {
      return window.before(axis, size, windows);
    }
    long total = Math.max(0, reach(axis, size, windows) - length(axis, axes, size, windows));
    return window.padding() == WindowAttributes.Padding.SAME_UPPER ? total / 2 : total - total / 2;
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    Known w = inputs.get(1);
    MemorySegment packed = w.isConstant() && w.elements() > 0
        ? TransposedConv.turned(w.data(), groups, w.elements(), Dims.product(w.dims(), 1, w.rank()))
        : null;
    Sgemm op = octet.sgemm().prepare();
    return new OctetKernel(op, input -> input != 1 || packed == null,
        (in, out) -> plan(op, in.get(0), in.get(1), out.getFirst(), packed));
  }

  private Step plan(Sgemm op, Known x, Known w, Known y, MemorySegment packed) {
    int axes = x.rank() - 2;
    Window.Axis one = new Window.Axis(1, 1, 1, 1, 0, 0, 1);
    Window.Axis last = axis(axes - 1, axes, x, w, y);
    Window places = new Window(axes == 1 ? one : axis(0, axes, x, w, y), last);
    Runs.array("an image", places.windows());
    Runs.array("an image", places.pixels());
    int channels = Runs.count("channels", w.dims()[0] / groups);
    int outs = Runs.count("channels", w.dims()[1]);
    int batch = Runs.count("groups of images", Math.multiplyExact(x.dims()[0], groups));
    return new TransposedConv(op, places, batch, (int) groups, channels, outs, packed);
  }

  /** The images of a transposed convolution are what the windows of the result have. */
  private Window.Axis axis(int axis, int axes, Known x, Known w, Known y) {
    long size = w.dims()[axis + 2];
    long windows = x.dims()[axis + 2];
    return new Window.Axis(Runs.count("lengths of images", y.dims()[axis + 2]),
        Runs.count("sizes of windows", size), (int) window.stride(axis), (int) window.dilation(axis),
        Runs.count("pads", before(axis, axes, size, windows)), 0, Runs.count("windows", windows));
  }
}
