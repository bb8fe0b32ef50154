package dev.octet.onnx;

import dev.octet.Shape;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.value.Dimension;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.onnx.value.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The tensors of one run against what the model says of them. */
final class Bindings {
  /** Larger outputs are native memory. */
  private static final long MOST_ON_HEAP = 1 << 26;

  private final List<TensorInfo> infos;
  /** The lengths that symbols have in this run. */
  private final Map<String, Long> symbols = new HashMap<>();

  Bindings(List<TensorInfo> infos) {
    this.infos = infos;
  }

  /** The shapes of all inputs of a run. */
  List<Known> shapes(Map<String, Tensor> tensors) {
    List<Known> result = new ArrayList<>();
    for (TensorInfo info : infos) {
      Tensor tensor = get(infos, tensors, info.name());
      result.add(shaped(info, tensor.type(), tensor.shape()));
    }
    return result;
  }

  /**
   * Memory of its own for an output: an array where it fits one, which costs a twentieth of the time of a run
   * less than native memory that the garbage collector frees.
   */
  static Tensor result(Known output) {
    Shape shape = Shape.of(output.dims());
    if (output.bytes() > MOST_ON_HEAP) {
      return Tensor.allocate(output.type(), shape);
    }
    int length = (int) output.elements();
    return Tensor.of(output.type(), shape, switch (output.type()) {
      case F32 -> MemorySegment.ofArray(new float[length]);
      case I64 -> MemorySegment.ofArray(new long[length]);
      case I32 -> MemorySegment.ofArray(new int[length]);
      default -> MemorySegment.ofArray(new byte[length]);
    });
  }

  /** What is given under the name of an input or an output. */
  static <T> T get(List<TensorInfo> infos, Map<String, T> given, String name) {
    T value = given.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          name + ": is missing; the model has " + infos + ", got " + given.keySet());
    }
    return value;
  }

  /** Refuses names that the model does not have, where all that it has are given. */
  static void requireNoOthers(List<TensorInfo> infos, Map<String, ?> given) {
    if (given.size() == infos.size()) {
      return;
    }
    for (String name : given.keySet()) {
      if (infos.stream().noneMatch(info -> info.name().equals(name))) {
        throw new IllegalArgumentException(name + ": is not the model's, which has " + infos);
      }
    }
  }

  /** Checks a type and a shape, and that a symbol stands for one length in all of a run. */
  Known shaped(TensorInfo info, ElementType type, Shape shape) {
    Optional<List<Dimension>> dims = info.dimensions();
    boolean fits = type == info.type() && (dims.isEmpty() || dims.get().size() == shape.rank());
    for (int axis = 0; fits && dims.isPresent() && axis < shape.rank(); axis++) {
      Dimension dim = dims.get().get(axis);
      long length = shape.dim(axis);
      fits = !dim.isFixed() || dim.length() == length;
      Long before = dim.isFixed() || dim.symbol().isEmpty()
          ? null
          : symbols.putIfAbsent(dim.symbol(), length);
      if (before != null && before != length) {
        throw new IllegalArgumentException(info.name() + ": expected " + dim.symbol() + " to be " + before
            + " as in another input, got " + shape);
      }
    }
    if (!fits) {
      throw new IllegalArgumentException("expected " + info + ", got " + type + " " + shape);
    }
    return Known.of(type, shape.toArray());
  }
}
