package dev.octet.onnx.internal.op;

import dev.octet.CoordinateMode;
import dev.octet.NearestMode;
import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Resizes images of 8 bits with channels last, by Octet's {@link dev.octet.op.Resize}; what is interpolated
 * is cut off, as in ONNX Runtime.
 *
 * @param resize the operator as ONNX has it
 * @param inputs of it, of which all but the first are constants or left out
 */
public record ByteResize(Resize resize, List<Known> inputs) implements Op {
  /** Copies the inputs. */
  public ByteResize {
    List<Known> copies = new ArrayList<>();
    for (Known input : inputs) {
      copies.add(input == null ? null : input.copied());
    }
    inputs = Collections.unmodifiableList(copies);
  }

  /**
   * Makes one of an operator.
   *
   * @param resize the operator
   * @param inputs of it, for images as ONNX has them
   * @return null where it is none that is offered
   */
  public static ByteResize of(Resize resize, List<Known> inputs) {
    Known x = inputs.getFirst();
    ByteResize result = new ByteResize(resize, inputs);
    return x.hasRank() && (x.rank() == 3 || x.rank() == 4) && !resize.older()
        && resize.coordinates() != Resize.Coordinates.TF_HALF_PIXEL_FOR_NN && resize.scalesImages(inputs)
            ? result
            : null;
  }

  @Override
  public String type() {
    return "ByteResize";
  }

  @Override
  public List<Known> infer(List<Known> images) {
    Inputs.count(images, 1, 1);
    List<Known> all = new ArrayList<>(inputs);
    all.set(0, ChannelsFirst.first(images.getFirst()));
    return List.of(ChannelsFirst.last(resize.infer(all).getFirst()));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> images) {
    dev.octet.op.Resize.Builder builder = octet.resize().input(Weights.type(images.getFirst().type()))
        .coordinates(CoordinateMode.valueOf(resize.coordinates().name()));
    if (resize.linear()) {
      builder.linear();
    } else {
      builder.nearest(NearestMode.valueOf(resize.nearest().name()));
    }
    resize.setSize(builder, inputs);
    dev.octet.op.Resize op = builder.prepare();
    return new OctetKernel(op, 1, in -> {
      Images sizes = Images.of(in.getFirst());
      return (x, y, scratch) -> op.run(x[0], y[0], sizes.batch(), sizes.height(), sizes.width(),
          sizes.channels());
    });
  }
}
