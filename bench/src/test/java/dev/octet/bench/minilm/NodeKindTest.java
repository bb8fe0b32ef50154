package dev.octet.bench.minilm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.octet.Octet;
import dev.octet.onnx.NodeReport;
import dev.octet.onnx.PreparedOnnx;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeKindTest {
  /** A rewrite that has another name would put its nodes among the others, unnoticed. */
  @Test
  void whatRunsOnAnEngineHasAKind() {
    Map<NodeKind, Integer> counts = new EnumMap<>(NodeKind.class);
    try (Octet octet = Octet.builder().threads(1).open(); PreparedOnnx model = MiniLmShares.open(octet)) {
      for (NodeReport node : model.nodes()) {
        NodeKind kind = NodeKind.of(node);
        counts.merge(kind, 1, Integer::sum);
        assertFalse(kind == NodeKind.OTHER && node.kernel().contains(":"), node.toString());
      }
    }
    counts.remove(NodeKind.OTHER);
    assertEquals(Map.of(NodeKind.PRODUCTS, 36, NodeKind.ATTENTION, 12, NodeKind.SOFTMAX, 6,
        NodeKind.LAYER_NORM, 13, NodeKind.GELU, 6, NodeKind.QUANTIZING, 9), counts);
  }

  @Test
  void unknownOperatorsAreOthers() {
    assertEquals("other", NodeKind.of(new NodeReport("n", "Gather", "java", List.of())).toString());
  }
}
