package dev.octet.onnx.internal.op;

import dev.octet.ImageLayout;
import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.TransposeImages;
import java.util.List;
import java.util.Set;

/**
 * Makes the channels of images of one or two dimensions, the second axis, the last one, or the other way
 * round.
 *
 * @param last whether they become the last axis
 */
public record TransposeChannels(boolean last) implements Op {
  @Override
  public String type() {
    return last ? "ChannelsLast" : "ChannelsFirst";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, Set.of(ElementType.I8, ElementType.U8, ElementType.F32));
    return List.of(of(inputs.getFirst()));
  }

  /** What is known of the result for images of which something is known. */
  Known of(Known images) {
    if (!images.hasRank()) {
      return Known.of(images.type());
    }
    int rank = images.rank();
    if (rank != 3 && rank != 4) {
      throw new IllegalArgumentException("expected batch, channels and one or two more axes, got " + images);
    }
    long[] dims = images.dims().clone();
    int from = last ? 1 : rank - 1;
    int to = last ? rank - 1 : 1;
    System.arraycopy(images.dims(), last ? 2 : 1, dims, last ? 1 : 2, rank - 2);
    dims[to] = images.dims()[from];
    return Known.of(images.type(), dims);
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    ElementType type = inputs.getFirst().type();
    if (type == ElementType.F32) {
      return (in, out) -> floats(in.getFirst());
    }
    TransposeImages op = octet.transposeImages().input(Weights.type(type))
        .to(last ? ImageLayout.NHWC : ImageLayout.NCHW).prepare();
    return new OctetKernel(op, 1, in -> {
      Sizes sizes = new Sizes(in.getFirst());
      return (from, to, scratch) -> op.run(from[0], to[0], sizes.batch, 1, sizes.pixels, sizes.channels);
    });
  }

  private Step floats(Known images) {
    Sizes sizes = new Sizes(images);
    int rows = last ? sizes.channels : sizes.pixels;
    int columns = last ? sizes.pixels : sizes.channels;
    return (in, out, scratch) -> {
      for (long image = 0; image < sizes.batch; image++) {
        Matrices.transpose(in[0], out[0], image * rows * columns, rows, columns, scratch);
      }
    };
  }

  /** The sizes of images; all pixels of one are taken as one row. */
  private final class Sizes {
    private final int batch;
    private final int pixels;
    private final int channels;

    Sizes(Known images) {
      int rank = images.rank();
      this.batch = Runs.count("images", images.dims()[0]);
      this.channels = Runs.count("channels", images.dims()[last ? 1 : rank - 1]);
      this.pixels = Runs.array("an image",
          last ? Dims.product(images.dims(), 2, rank) : Dims.product(images.dims(), 1, rank - 1));
    }
  }
}
