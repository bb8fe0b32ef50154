package dev.octet.cli;

import dev.octet.Shape;
import dev.octet.onnx.value.Dimension;
import dev.octet.onnx.value.Tensor;
import dev.octet.onnx.value.TensorInfo;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The inputs of a run: arrays of files, and made-up ones for those that are not given. */
final class ModelInputs {
  private static final long SEED = 1;

  private final Map<String, Path> files;
  private final Map<String, Long> lengths;

  /**
   * Inputs.
   *
   * @param files of inputs by name
   * @param lengths of dimensions by symbol, for those that are made up
   */
  ModelInputs(Map<String, Path> files, Map<String, Long> lengths) {
    this.files = files;
    this.lengths = lengths;
  }

  /** The tensors of all inputs that a model has. */
  Map<String, Tensor> of(List<TensorInfo> infos) {
    for (String name : files.keySet()) {
      if (infos.stream().noneMatch(info -> info.name().equals(name))) {
        throw new IllegalArgumentException("--input: the model has no input " + name + ", it has " + infos);
      }
    }
    for (String symbol : lengths.keySet()) {
      if (infos.stream().flatMap(info -> info.dimensions().stream()).flatMap(List::stream)
          .noneMatch(dim -> dim.symbol().equals(symbol))) {
        throw new IllegalArgumentException(
            "--dim: the model has no dimension " + symbol + ", it has " + infos);
      }
    }
    Map<String, Tensor> result = new LinkedHashMap<>();
    for (TensorInfo info : infos) {
      Path file = files.get(info.name());
      result.put(info.name(), file == null ? madeUp(info) : Npy.read(file));
    }
    return result;
  }

  private Tensor madeUp(TensorInfo info) {
    List<Dimension> dims = info.dimensions().orElseThrow(() -> new IllegalArgumentException(
        "--input: the model does not say the shape of " + info.name() + ": give a file"));
    long[] shape = dims.stream().mapToLong(dim -> length(info, dim)).toArray();
    Tensor tensor = Tensor.allocate(info.type(), Shape.of(shape));
    Random random = new Random(SEED);
    for (long i = 0; i < tensor.shape().elements(); i++) {
      switch (info.type()) {
        case F32 -> tensor.data().set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i, 2 * random.nextFloat() - 1);
        case I64 -> tensor.data().set(ValueLayout.JAVA_LONG_UNALIGNED, 8 * i, 1);
        case I32 -> tensor.data().set(ValueLayout.JAVA_INT_UNALIGNED, 4 * i, 1);
        default -> tensor.data().set(ValueLayout.JAVA_BYTE, i, (byte) 1);
      }
    }
    return tensor;
  }

  private long length(TensorInfo info, Dimension dim) {
    if (dim.isFixed()) {
      return dim.length();
    }
    Long length = lengths.get(dim.symbol());
    if (length == null) {
      throw new IllegalArgumentException("--dim: expected the length of " + dim + ", a dimension of " + info
          + (dim.symbol().isEmpty() ? "; it has no name: give a file with --input" : ""));
    }
    return length;
  }

  /** The elements of a tensor as a person sees them: the first few. */
  static String first(Tensor tensor, int most) {
    StringBuilder text = new StringBuilder();
    long count = Math.min(most, tensor.shape().elements());
    for (long i = 0; i < count; i++) {
      text.append(i == 0 ? "" : " ").append(switch (tensor.type()) {
        case F32 -> "%.5g".formatted(tensor.data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i));
        case I64 -> Long.toString(tensor.data().get(ValueLayout.JAVA_LONG_UNALIGNED, 8 * i));
        case I32 -> Integer.toString(tensor.data().get(ValueLayout.JAVA_INT_UNALIGNED, 4 * i));
        case I8 -> Byte.toString(tensor.data().get(ValueLayout.JAVA_BYTE, i));
        default -> Integer.toString(tensor.data().get(ValueLayout.JAVA_BYTE, i) & 0xff);
      });
    }
    return text + (count < tensor.shape().elements() ? " ..." : "");
  }
}
