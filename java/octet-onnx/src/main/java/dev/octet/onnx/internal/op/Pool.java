package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.internal.packs.Packs;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The largest element, or the mean, of each window over an image.
 *
 * @param window how it moves
 * @param max whether the largest
 * @param countPadding whether padding, of zeros, counts in a mean
 */
public record Pool(WindowAttributes window, boolean max, boolean countPadding) implements IntegerOp {
  private static final int PART = 1024;

  static Pool read(Attributes attributes, boolean max) {
    boolean newer = attributes.opset() >= 10;
    WindowAttributes window = WindowAttributes.read(attributes, max ? newer : attributes.opset() >= 19,
        newer);
    if (window.kernel() == null) {
      throw new IllegalArgumentException("attribute kernel_shape: expected sizes, it is missing");
    }
    if (max) {
      attributes.ignore("storage_order"); // of the indices, which are not offered
    }
    return new Pool(window, max, !max && attributes.integer("count_include_pad", 0) != 0);
  }

  @Override
  public String type() {
    return max ? "MaxPool" : "AveragePool";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, max
        ? Set.of(ElementType.F32, ElementType.I8, ElementType.U8)
        : Set.of(ElementType.F32));
    Known x = inputs.getFirst();
    return List.of(x.hasRank() ? Known.of(x.type(), dims(x)) : Known.of(x.type()));
  }

  /** The shape of the result for images of known rank. */
  long[] dims(Known x) {
    window.check(x.rank(), window.kernel());
    long[] dims = Dims.unknown(x.rank());
    dims[0] = x.dims()[0];
    dims[1] = x.dims()[1];
    for (int axis = 0; axis < x.rank() - 2; axis++) {
      dims[axis + 2] = window.windows(axis, x.rank() - 2, window.kernel()[axis], x.dims()[axis + 2]);
    }
    return dims;
  }

  /** Of images of 8 bits. */
  @Override
  public Settled settle(List<Known> inputs) {
    ElementType type = inputs.getFirst().type();
    Quantized integers = new Quantized(type, 1, 0);
    QuantizedPool bytes = QuantizedPool.of(this, inputs.getFirst(), integers, integers);
    if (bytes == null || type == ElementType.F32) {
      throw new UnsupportedOperationException("padding that depends on images of 8 bits is not offered");
    }
    return new Settled(new ChannelsFirst(bytes), 0);
  }

  @Override
  public Kernel kernel(Packs packs, List<Known> inputs) {
    if (inputs.getFirst().type() != ElementType.F32) {
      return IntegerOp.super.kernel(packs, inputs);
    }
    return (in, out) -> {
      Known x = in.getFirst();
      Window places = window.window(window.kernel(), Arrays.copyOfRange(x.dims(), 2, x.rank()));
      Runs.array("a window", (long) places.rows().size() * places.columns().size());
      Runs.array("an image", places.windows());
      return new Pooling(places, new Polyphase(places, 1), x.dims()[0] * x.dims()[1], max, countPadding);
    };
  }

  /** A run. */
  private record Pooling(Window window, Polyphase phases, long images, boolean max, boolean countPadding)
      implements
        Step {
    @Override
    public long arrayBytes() {
      return phases.bytes();
    }

    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      float padding = max ? Float.NEGATIVE_INFINITY : 0;
      float[] image = phases.images(scratch, padding);
      float[] y = scratch.floats(0, PART);
      float[] x = scratch.floats(1, PART);
      for (long i = 0; i < images; i++) {
        phases.load(in[0], i * window.pixels(), image, scratch);
        for (int first = 0; first < phases.length(); first += PART) {
          int count = Math.min(PART, phases.length() - first);
          Arrays.fill(y, 0, count, padding);
          for (int tap = 0; tap < window.taps(); tap++) {
            int at = phases.tap(0, tap / window.columns().size(), tap % window.columns().size());
            System.arraycopy(image, at + first, x, 0, count);
            if (max) {
              FloatFunctions.max(x, y, count);
            } else {
              FloatFunctions.add(x, y, count);
            }
          }
          if (!max) {
            counts(x, first, count);
            divide(y, x, count);
          }
          phases.put(y, first, count, out[0], i * window.windows());
        }
      }
    }

    /** How many elements the means are of: those between the ends of rows are of no use. */
    private void counts(float[] into, int first, int count) {
      int row = first / phases.rowStride();
      int column = first % phases.rowStride();
      int ofRow = window.rows().taps(row, countPadding);
      for (int i = 0; i < count; i++) {
        into[i] = column < window.columns().windows()
            ? ofRow * window.columns().taps(column, countPadding)
            : 1;
        if (++column == phases.rowStride()) {
          column = 0;
          ofRow = window.rows().taps(++row, countPadding);
        }
      }
    }

    private static void divide(float[] y, float[] counts, int n) {
      for (int i = 0; i < n; i++) {
        y[i] /= counts[i];
      }
    }
  }
}
