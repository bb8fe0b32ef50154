package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Known;
import java.util.Arrays;
import java.util.List;

/**
 * The same elements under a shape that is given.
 *
 * @param allowZero whether a 0 in it is a length, not that of the input's axis
 */
record Reshape(boolean allowZero) implements Viewing {
  static Reshape read(Attributes attributes) {
    return new Reshape(attributes.opset() >= 14 && attributes.integer("allowzero", 0) != 0);
  }

  @Override
  public String type() {
    return "Reshape";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Known data = inputs.get(0);
    long[] wanted = Inputs.integers(inputs, 1);
    if (wanted == null) {
      int rank = Inputs.length(inputs, 1);
      return List.of(rank < 0 ? Known.of(data.type()) : Known.of(data.type(), Dims.unknown(rank)));
    }
    long[] result = wanted.clone();
    int open = -1;
    for (int axis = 0; axis < result.length; axis++) {
      if ((result[axis] == -1 && open >= 0) || result[axis] < -1) {
        throw new IllegalArgumentException("shape: expected lengths and at most one -1, got "
            + Arrays.toString(wanted));
      }
      if (result[axis] == -1) {
        open = axis;
      } else if (result[axis] == 0 && !allowZero) {
        if (data.hasRank() && axis >= data.rank()) {
          throw new IllegalArgumentException("shape: " + Arrays.toString(wanted) + " keeps axis " + axis
              + ", which " + data + " has not");
        }
        result[axis] = data.hasRank() ? data.dims()[axis] : Known.UNKNOWN;
      }
    }
    if (data.isShaped()) {
      close(data, wanted, result, open);
    }
    return List.of(new Known(data.type(), result, data.data()));
  }

  /** Fills in the length that is left open, and checks that all elements have a place. */
  private static void close(Known data, long[] wanted, long[] result, int open) {
    if (open >= 0) {
      result[open] = 1;
      long others = Known.of(data.type(), result).elements();
      if (others == 0 || data.elements() % others != 0) {
        throw misfit(data, wanted);
      }
      result[open] = data.elements() / others;
    }
    if (Known.of(data.type(), result).elements() != data.elements()) {
      throw misfit(data, wanted);
    }
  }

  private static IllegalArgumentException misfit(Known data, long[] wanted) {
    return new IllegalArgumentException(
        "the elements of " + data + " do not fit the shape " + Arrays.toString(wanted));
  }
}
