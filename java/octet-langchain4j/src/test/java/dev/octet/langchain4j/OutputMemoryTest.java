package dev.octet.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.onnx.value.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutputMemoryTest {
  private static final List<TensorInfo> OUTPUTS = List.of(
      new TensorInfo("hidden", ElementType.F32, Optional.empty()),
      new TensorInfo("pooled", ElementType.F32, Optional.empty()));

  private static Map<String, Tensor> tensors(OutputMemory memory, long tokens) {
    return memory.tensors(OUTPUTS, Map.of("hidden", Shape.of(1, tokens, 3), "pooled", Shape.of(1, 3)));
  }

  @Test
  void runsUseTheSameMemoryUntilOneNeedsMore() {
    OutputMemory memory = new OutputMemory();
    MemorySegment hidden = tensors(memory, 40).get("hidden").data();
    assertEquals(480, hidden.byteSize());
    for (long tokens : new long[]{1, 39, 40}) {
      Map<String, Tensor> tensors = tensors(memory, tokens);
      assertEquals(Shape.of(1, tokens, 3), tensors.get("hidden").shape());
      assertEquals(hidden.address(), tensors.get("hidden").data().address());
      MemorySegment pooled = tensors.get("pooled").data();
      assertEquals(12, pooled.byteSize());
      assertEquals(0, pooled.address() % 64);
      assertTrue(pooled.asOverlappingSlice(tensors.get("hidden").data()).isEmpty());
    }
    assertEquals(4800, tensors(memory, 400).get("hidden").data().byteSize());
    assertEquals(480, hidden.byteSize());
  }
}
