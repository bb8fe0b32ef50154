package dev.octet.onnx.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.packs.Packs;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Plans are made once for a set of shapes, the last ones are kept, and their runs share memory. */
class PlansTest {
  private static final int LARGE = 1 << 26;

  /** A node whose runs take as many bytes of memory as its input has elements. */
  private record Greedy() implements Op {
    @Override
    public String type() {
      return "Greedy";
    }

    @Override
    public List<Known> infer(List<Known> inputs) {
      return List.of(Known.of(ElementType.F32, 1));
    }

    @Override
    public Kernel kernel(Octet octet, List<Known> inputs) {
      return (in, out) -> new Step() {
        @Override
        public void run(MemorySegment[] from, MemorySegment[] to, Scratch scratch) {}

        @Override
        public long scratchBytes() {
          return in.getFirst().elements();
        }
      };
    }
  }

  private static List<Known> shape(long elements) {
    return List.of(Known.of(ElementType.F32, elements));
  }

  private static void check(Check check) {
    Value in = new Value("in", Known.of(ElementType.F32));
    Value out = new Value("out", Known.of(ElementType.F32, 1));
    Graph graph = new Graph(List.of(in), List.of(out),
        List.of(new Node("greedy", new Greedy(), List.of(in), List.of(out), List.of())));
    try (Octet octet = Octet.open(); Kernels kernels = Kernels.prepare(graph, Packs.inMemory(octet))) {
      check.of(new Plans(graph, kernels, Long.MAX_VALUE));
    }
  }

  private interface Check {
    void of(Plans plans);
  }

  @Test
  void onePlanForTheSameShapes() {
    check(plans -> {
      Plan first = plans.of(shape(1));
      assertSame(first, plans.of(shape(1)));
      assertNotSame(first, plans.of(shape(2)));
    });
  }

  @Test
  void manySmallPlansAreKept() {
    check(plans -> {
      Plan first = plans.of(shape(1));
      Plan second = plans.of(shape(2));
      for (int i = 3; i <= 512; i++) {
        plans.of(shape(i));
      }
      assertSame(first, plans.of(shape(1)));
      plans.of(shape(513));
      assertSame(first, plans.of(shape(1)));
      assertNotSame(second, plans.of(shape(2)));
    });
  }

  /** Plans hold no memory of runs, so large ones are kept like others. */
  @Test
  void runsOfAllShapesShareMemory() {
    check(plans -> {
      Workspace workspace = new Workspace();
      Plan first = plans.of(shape(LARGE));
      assertEquals(LARGE, first.bytes());
      assertSame(workspace.of(first, LARGE), workspace.of(first, LARGE));
      for (int elements : new int[]{1, 64, LARGE - 64, LARGE / 2}) {
        workspace.of(plans.of(shape(elements)), LARGE);
        assertEquals(LARGE, workspace.bytes());
      }
      for (int i = 0; i < 40; i++) {
        plans.of(shape(LARGE + 64 * i));
      }
      assertSame(first, plans.of(shape(LARGE)));
    });
  }

  @Test
  void blocksGrowByHalfUpToTheLimit() {
    check(plans -> {
      Workspace workspace = new Workspace();
      RunMemory small = workspace.of(plans.of(shape(6400)), 12800);
      assertEquals(6400, workspace.bytes());
      workspace.of(plans.of(shape(6464)), 12800);
      assertEquals(9600, workspace.bytes());
      assertNotSame(small, workspace.of(plans.of(shape(6400)), 12800)); // it lay in the block before
      workspace.of(plans.of(shape(9664)), 12800);
      assertEquals(12800, workspace.bytes());
    });
  }

  @Test
  void aLargeBlockThatRunsNoLongerNeedIsLetGo() {
    check(plans -> {
      Workspace workspace = new Workspace();
      Plan large = plans.of(shape(LARGE));
      Plan small = plans.of(shape(64));
      workspace.of(large, LARGE);
      for (int i = 0; i < 1000; i++) {
        workspace.of(small, LARGE);
      }
      assertEquals(LARGE, workspace.bytes());
      workspace.of(large, LARGE);
      for (int i = 0; i < 1000; i++) {
        workspace.of(small, LARGE);
      }
      assertEquals(LARGE, workspace.bytes());
      workspace.of(small, LARGE);
      assertEquals(64, workspace.bytes());
    });
  }
}
