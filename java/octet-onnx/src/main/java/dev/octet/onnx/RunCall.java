package dev.octet.onnx;

import dev.octet.Shape;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.plan.Plan;
import dev.octet.onnx.internal.plan.Plans;
import dev.octet.onnx.internal.plan.ShapeKey;
import dev.octet.onnx.value.Tensor;
import dev.octet.onnx.value.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The arguments of one run at a time; kept for later runs, so that these allocate nothing. */
final class RunCall {
  private final List<TensorInfo> inputs;
  private final List<TensorInfo> outputs;
  private final ShapeKey key = new ShapeKey();
  /** The memory of the inputs, in their order. */
  final MemorySegment[] in;
  /** The memory of the outputs, likewise. */
  final MemorySegment[] out;

  RunCall(List<TensorInfo> inputs, List<TensorInfo> outputs) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.in = new MemorySegment[inputs.size()];
    this.out = new MemorySegment[outputs.size()];
  }

  /** Takes the inputs; returns the plan for their shapes. */
  Plan plan(Plans plans, Map<String, Tensor> tensors) {
    key.clear();
    boolean typed = true;
    for (int i = 0; i < in.length; i++) {
      TensorInfo info = inputs.get(i);
      Tensor tensor = Bindings.get(inputs, tensors, info.name());
      Shape shape = tensor.shape();
      typed &= tensor.type() == info.type();
      key.add(shape.rank());
      for (int axis = 0; axis < shape.rank(); axis++) {
        key.add(shape.dim(axis));
      }
      in[i] = tensor.data();
    }
    Bindings.requireNoOthers(inputs, tensors);
    // What has a plan was found to fit the model before.
    Plan plan = typed ? plans.find(key) : null;
    return plan != null ? plan : plans.of(new Bindings(inputs).shapes(tensors));
  }

  /** Takes the memory for the outputs. */
  void results(Map<String, Tensor> tensors, List<Known> expected) {
    for (int i = 0; i < out.length; i++) {
      String name = outputs.get(i).name();
      Tensor tensor = Bindings.get(outputs, tensors, name);
      Known output = expected.get(i);
      if (tensor.type() != output.type() || !isOf(tensor.shape(), output.dims())) {
        throw new IllegalArgumentException(name + ": expected " + output + ", got " + tensor);
      }
      if (tensor.data().isReadOnly()) {
        throw new IllegalArgumentException(name + ": expected memory that can be written, it is read-only");
      }
      out[i] = tensor.data();
    }
    Bindings.requireNoOthers(outputs, tensors);
    requireDisjoint();
  }

  private static boolean isOf(Shape shape, long[] dims) {
    boolean is = shape.rank() == dims.length;
    for (int axis = 0; is && axis < dims.length; axis++) {
      is = shape.dim(axis) == dims[axis];
    }
    return is;
  }

  /** Refuses outputs that share a byte with an input or another output. */
  private void requireDisjoint() {
    for (int i = 0; i < out.length; i++) {
      for (MemorySegment input : in) {
        requireDisjoint(out[i], input, i, "an input");
      }
      for (int j = 0; j < i; j++) {
        requireDisjoint(out[i], out[j], i, "another output");
      }
    }
  }

  private static void requireDisjoint(MemorySegment one, MemorySegment other, int index, String what) {
    if (one.asOverlappingSlice(other).isPresent()) {
      throw new IllegalArgumentException(
          "output " + index + ": expected memory of its own, it overlaps " + what);
    }
  }

  /** Lets go of the caller's memory. */
  void clear() {
    Arrays.fill(in, null);
    Arrays.fill(out, null);
  }
}
