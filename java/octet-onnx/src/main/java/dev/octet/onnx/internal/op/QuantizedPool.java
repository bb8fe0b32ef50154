package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.op.AveragePool;
import dev.octet.op.MaxPool;
import java.util.List;
import java.util.Set;

/**
 * The mean or the largest element of each window over an image of 8 bits with channels last, or the mean of
 * each channel, by Octet's pools. Images and results have one type.
 *
 * @param pool the operator of floats; null for the mean of each channel
 * @param from of the images
 * @param to of the results; those of the images for largest elements
 */
public record QuantizedPool(Pool pool, Quantized from, Quantized to) implements Op {
  /**
   * Makes one of an operator of floats.
   *
   * @param op the operator
   * @param images as ONNX has them
   * @return null where it is none that is offered
   */
  public static QuantizedPool of(Op op, Known images, Quantized from, Quantized to) {
    boolean ranked = images.hasRank() && (images.rank() == 3 || images.rank() == 4);
    if (!ranked || from.type() != to.type()) {
      return null;
    }
    return switch (op) {
      case Pool pool when FixedWindow.isFixed(pool.window(), images) && (!pool.max() || from.equals(to)) ->
        new QuantizedPool(pool, from, to);
      case GlobalPool global when !global.max() -> new QuantizedPool(null, from, to);
      default -> null;
    };
  }

  @Override
  public String type() {
    return pool == null ? "QuantizedGlobalAveragePool" : pool.max() ? "ByteMaxPool" : "QuantizedAveragePool";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, Set.of(from.type()));
    Known x = inputs.getFirst();
    if (!x.hasRank()) {
      return List.of(Known.of(to.type()));
    }
    if (pool != null) {
      return List.of(ChannelsFirst.last(Known.of(to.type(), pool.dims(ChannelsFirst.first(x)))));
    }
    long[] dims = x.dims().clone();
    for (int axis = 1; axis < dims.length - 1; axis++) {
      dims[axis] = 1;
    }
    return List.of(Known.of(to.type(), dims));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    dev.octet.op.Pool op = pool == null
        ? octet.globalAveragePool().input(from.dataType(), from.quantization())
            .output(to.dataType(), to.quantization()).prepare()
        : pool.max()
            ? largest(octet.maxPool().input(from.dataType()), inputs.getFirst())
            : means(octet.averagePool().input(from.dataType(), from.quantization())
                .output(to.dataType(), to.quantization()), inputs.getFirst());
    return new OctetKernel(op, 1, in -> {
      Images images = Images.of(in.getFirst());
      Runs.array("an image", Dims.product(in.getFirst().dims(), 1, in.getFirst().rank() - 1));
      return (x, y, scratch) -> op.run(x[0], y[0], images.batch(), images.height(), images.width(),
          images.channels());
    });
  }

  private FixedWindow window(Known x) {
    return FixedWindow.of(pool.window(), pool.window().kernel(), ChannelsFirst.first(x));
  }

  private MaxPool largest(MaxPool.Builder builder, Known x) {
    FixedWindow window = window(x);
    builder.window(window.sizes()[0], window.sizes()[1]).stride(window.strides()[0], window.strides()[1])
        .dilation(window.dilations()[0], window.dilations()[1])
        .padding(window.before()[0], window.before()[1], window.behind()[0], window.behind()[1]);
    return (pool.window().ceil() ? builder.ceilMode() : builder).prepare();
  }

  private AveragePool means(AveragePool.Builder builder, Known x) {
    FixedWindow window = window(x);
    builder.window(window.sizes()[0], window.sizes()[1]).stride(window.strides()[0], window.strides()[1])
        .dilation(window.dilations()[0], window.dilations()[1])
        .padding(window.before()[0], window.before()[1], window.behind()[0], window.behind()[1]);
    if (pool.countPadding()) {
      builder.countPadding();
    }
    return (pool.window().ceil() ? builder.ceilMode() : builder).prepare();
  }
}
