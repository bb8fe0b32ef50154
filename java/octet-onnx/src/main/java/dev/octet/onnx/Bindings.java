package dev.octet.onnx;

import dev.octet.Shape;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.value.Dimension;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.onnx.value.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
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
      Tensor tensor = get(tensors, info.name());
      result.add(shaped(info, tensor.type(), tensor.shape()));
    }
    requireNoOthers(tensors);
    return result;
  }

  /** The memory of all inputs of a run. */
  MemorySegment[] memory(Map<String, Tensor> tensors) {
    return infos.stream().map(info -> tensors.get(info.name()).data()).toArray(MemorySegment[]::new);
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

  /** The memory of all outputs of a run, which are to be of some types and shapes. */
  MemorySegment[] results(Map<String, Tensor> tensors, List<Known> expected) {
    MemorySegment[] result = new MemorySegment[infos.size()];
    for (int i = 0; i < result.length; i++) {
      String name = infos.get(i).name();
      Tensor tensor = get(tensors, name);
      Known output = expected.get(i);
      if (tensor.type() != output.type() || !Arrays.equals(tensor.shape().toArray(), output.dims())) {
        throw new IllegalArgumentException(name + ": expected " + output + ", got " + tensor);
      }
      if (tensor.data().isReadOnly()) {
        throw new IllegalArgumentException(name + ": expected memory that can be written, it is read-only");
      }
      result[i] = tensor.data();
    }
    requireNoOthers(tensors);
    return result;
  }

  <T> T get(Map<String, T> given, String name) {
    T value = given.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          name + ": is missing; the model has " + infos + ", got " + given.keySet());
    }
    return value;
  }

  /** Refuses names that the model does not have. */
  void requireNoOthers(Map<String, ?> given) {
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

  /** Refuses outputs that share a byte with an input or another output. */
  static void requireDisjoint(MemorySegment[] inputs, MemorySegment[] outputs) {
    for (int i = 0; i < outputs.length; i++) {
      for (MemorySegment input : inputs) {
        requireDisjoint(outputs[i], input, i, "an input");
      }
      for (int j = 0; j < i; j++) {
        requireDisjoint(outputs[i], outputs[j], i, "another output");
      }
    }
  }

  private static void requireDisjoint(MemorySegment one, MemorySegment other, int index, String what) {
    if (one.asOverlappingSlice(other).isPresent()) {
      throw new IllegalArgumentException(
          "output " + index + ": expected memory of its own, it overlaps " + what);
    }
  }
}
