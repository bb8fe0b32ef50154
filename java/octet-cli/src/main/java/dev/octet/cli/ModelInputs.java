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
import java.util.regex.Pattern;

/** The inputs of a run: arrays and images of files, and made-up ones for those that are not given. */
final class ModelInputs {
  private static final long SEED = 1;

  /** The word for floats at random, and integers of 1. */
  private static final String RANDOM = "random";

  private final Map<String, String> sources;
  private final Lengths lengths;
  private final ImageInput images;

  /**
   * Inputs.
   *
   * @param sources of inputs by name: a file, or {@link #RANDOM}, which a colon and a shape may follow
   * @param lengths of dimensions, for those that are made up, and images
   * @param images how they are read
   */
  ModelInputs(Map<String, String> sources, Lengths lengths, ImageInput images) {
    this.sources = sources;
    this.lengths = lengths;
    this.images = images;
  }

  /** The tensors of all inputs that a model has. */
  Map<String, Tensor> of(List<TensorInfo> infos) {
    for (String name : sources.keySet()) {
      if (infos.stream().noneMatch(info -> info.name().equals(name))) {
        throw new IllegalArgumentException("--input: the model has no input " + name + ", it has " + infos);
      }
    }
    lengths.check(infos);
    Map<String, Tensor> result = new LinkedHashMap<>();
    for (TensorInfo info : infos) {
      result.put(info.name(), tensor(info, sources.getOrDefault(info.name(), RANDOM)));
    }
    return result;
  }

  private Tensor tensor(TensorInfo info, String source) {
    if (source.equals(RANDOM)) {
      List<Dimension> dims = info.dimensions().orElseThrow(() -> new IllegalArgumentException(
          "--input: the model does not say the shape of " + info.name() + ": give it as " + info.name() + "="
              + RANDOM + ":2x3, or a file"));
      return madeUp(info, dims.stream().mapToLong(dim -> length(info, dim)).toArray());
    }
    if (source.startsWith(RANDOM + ":")) {
      return madeUp(info, shape(info, source.substring(RANDOM.length() + 1)));
    }
    Path file = UsageErrors.path(source);
    return ImageInput.isImage(source) ? images.read(file, info, lengths) : Npy.read(file);
  }

  /** A shape as people write it: 2x3. */
  private static long[] shape(TensorInfo info, String text) {
    try {
      return Pattern.compile("x").splitAsStream(text).mapToLong(Long::parseLong).toArray();
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "--input: " + info.name() + ": expected a shape as " + RANDOM + ":2x3, got " + text, e);
    }
  }

  private static Tensor madeUp(TensorInfo info, long[] shape) {
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
    Long length = lengths.of(dim);
    if (length == null) {
      throw new IllegalArgumentException("--dim: expected the length of " + dim + ", a dimension of " + info
          + (dim.symbol().isEmpty()
              ? "; it has no name: give the shape with --input " + info.name() + "=" + RANDOM + ":2x3"
              : ""));
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
