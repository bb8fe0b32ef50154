package dev.octet.onnx.internal.plan;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import java.util.LinkedHashMap;
import java.util.List;

/** The plans of a graph for the sets of input shapes that were last run. Safe for use by threads. */
public final class Plans {
  /** A service that pads to some lengths has as many; they are kept whatever memory they hold. */
  private static final int LEAST = 16;
  /**
   * Texts that are not padded have as many lengths. A plan takes 45 kB beside the memory of its runs, and to
   * make one again 0.4 ms for all-MiniLM-L6-v2, where a run of 16 tokens takes 1.8 ms.
   */
  private static final int MOST = 512;
  /** More than the least are kept while one run of each takes no more than so many bytes. */
  private static final long MOST_BYTES = 1 << 27;

  private final Graph graph;
  private final Kernels kernels;
  private final long limit;
  /** The plan that was not used for the longest time is the first. */
  private final LinkedHashMap<ShapeKey, Plan> plans = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /**
   * Plans of a graph.
   *
   * @param graph not changed any more
   * @param kernels of its nodes
   * @param limit of the bytes of a run
   */
  public Plans(Graph graph, Kernels kernels, long limit) {
    this.graph = graph;
    this.kernels = kernels;
    this.limit = limit;
  }

  /** The plan for inputs of these shapes, in the order of the graph; null where there is none yet. */
  public Plan find(ShapeKey shapes) {
    synchronized (plans) {
      return plans.get(shapes);
    }
  }

  /** The plan for inputs, in the order of the graph, all shaped. */
  public Plan of(List<Known> inputs) {
    ShapeKey shapes = new ShapeKey();
    for (Known input : inputs) {
      shapes.add(input.rank());
      for (long dim : input.dims()) {
        shapes.add(dim);
      }
    }
    synchronized (plans) {
      Plan plan = plans.get(shapes);
      if (plan == null) {
        plan = new Plan(graph, kernels, inputs, limit);
        plans.put(shapes, plan);
        bytes += plan.bytes();
        while (plans.size() > MOST || (plans.size() > LEAST && bytes > MOST_BYTES)) {
          bytes -= plans.pollFirstEntry().getValue().bytes();
        }
      }
      return plan;
    }
  }
}
