package dev.octet.langchain4j;

import dev.octet.Shape;
import dev.octet.onnx.value.Tensor;
import dev.octet.onnx.value.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Memory for the outputs of one run at a time: texts of a batch would leave hidden states behind that only
 * the garbage collector frees, 200 kB each. Not safe for use by multiple threads.
 */
final class OutputMemory {
  private static final long ALIGNMENT = 64;

  private MemorySegment memory = MemorySegment.NULL;

  /**
   * Tensors for outputs, which hold until this is called again.
   *
   * @param outputs of the model
   * @param shapes of them in this run, by name
   * @return the tensors, by name
   */
  Map<String, Tensor> tensors(List<TensorInfo> outputs, Map<String, Shape> shapes) {
    long bytes = outputs.stream().mapToLong(output -> padded(bytes(output, shapes))).sum();
    if (bytes > memory.byteSize()) {
      memory = Arena.ofAuto().allocate(Math.max(bytes, memory.byteSize() * 3 / 2), ALIGNMENT);
    }
    Map<String, Tensor> tensors = new HashMap<>();
    long at = 0;
    for (TensorInfo output : outputs) {
      long size = bytes(output, shapes);
      tensors.put(output.name(),
          Tensor.of(output.type(), shapes.get(output.name()), memory.asSlice(at, size)));
      at += padded(size);
    }
    return tensors;
  }

  private static long bytes(TensorInfo output, Map<String, Shape> shapes) {
    return output.type().bytes() * shapes.get(output.name()).elements();
  }

  private static long padded(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
