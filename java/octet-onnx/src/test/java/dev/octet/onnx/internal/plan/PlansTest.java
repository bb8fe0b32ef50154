package dev.octet.onnx.internal.plan;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.value.ElementType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Plans are made once for a set of shapes, and the last ones are kept. */
class PlansTest {
  private static List<Known> shapes(long a, long b) {
    return List.of(Known.of(ElementType.F32, a, 3), Known.of(ElementType.F32, b));
  }

  @Test
  void onePlanForTheSameShapes() {
    List<Value> values = List.of(new Value("a", Known.of(ElementType.F32)),
        new Value("b", Known.of(ElementType.F32)));
    Graph graph = new Graph(values, values, List.of());
    try (Octet octet = Octet.open(); Kernels kernels = Kernels.prepare(graph, octet)) {
      Plans plans = new Plans(graph, kernels, 0);
      Plan first = plans.of(shapes(1, 2));
      assertSame(first, plans.of(shapes(1, 2)));
      Plan other = plans.of(shapes(2, 1));
      assertNotSame(first, other);
      for (int i = 0; i < 15; i++) {
        plans.of(shapes(9, i));
        assertSame(other, plans.of(shapes(2, 1)));
      }
      assertNotSame(first, plans.of(shapes(1, 2)));
    }
  }
}
