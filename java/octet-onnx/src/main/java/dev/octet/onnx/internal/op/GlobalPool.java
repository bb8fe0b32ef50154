package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.value.ElementType;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The mean or the largest element of each channel of an image.
 *
 * @param max whether the largest
 */
record GlobalPool(boolean max) implements Op {
  @Override
  public String type() {
    return max ? "GlobalMaxPool" : "GlobalAveragePool";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    Known x = inputs.getFirst();
    if (!x.hasRank()) {
      return List.of(Known.of(ElementType.F32));
    }
    if (x.rank() < 3) {
      throw new IllegalArgumentException("input 0: expected batch, channels and more axes, got " + x);
    }
    long[] dims = new long[x.rank()];
    Arrays.fill(dims, 1);
    dims[0] = x.dims()[0];
    dims[1] = x.dims()[1];
    return List.of(Known.of(ElementType.F32, dims));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> {
      Known x = in.getFirst();
      long images = x.dims()[0] * x.dims()[1];
      int pixels = Runs.array("an image", Dims.product(x.dims(), 2, x.rank()));
      Reduction.Function function = max ? Reduction.Function.MAX : Reduction.Function.MEAN;
      return (from, to, scratch) -> Reduction.rows(function, from[0], to[0], images, pixels, scratch);
    };
  }
}
