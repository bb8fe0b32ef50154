package dev.octet.onnx.internal.plan;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The plans of a graph for the sets of input shapes that were last run. Safe for use by threads. */
public final class Plans {
  /** Plans hold the memory of their runs; a service that pads to some lengths has as many. */
  private static final int KEPT = 16;

  /** What tells plans apart: the dimensions of all inputs, whose types are always the same. */
  private record Shapes(long[][] dims) {
    static Shapes of(List<Known> inputs) {
      return new Shapes(inputs.stream().map(Known::dims).toArray(long[][]::new));
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Shapes shapes && Arrays.deepEquals(dims, shapes.dims);
    }

    @Override
    public int hashCode() {
      return Arrays.deepHashCode(dims);
    }
  }

  private final Graph graph;
  private final Kernels kernels;
  private final long limit;
  private final Map<Shapes, Plan> plans = new LinkedHashMap<>(16, 0.75f, true) {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Shapes, Plan> eldest) {
      return size() > KEPT;
    }
  };

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

  /** The plan for inputs, in the order of the graph, all shaped. */
  public Plan of(List<Known> inputs) {
    synchronized (plans) {
      return plans.computeIfAbsent(Shapes.of(inputs), shapes -> new Plan(graph, kernels, inputs, limit));
    }
  }
}
