package dev.octet.onnx.internal.plan;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.internal.graph.Value;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * Runs with inputs of one set of shapes: the steps in their order, and where in memory every value lies.
 * Immutable; safe for use by threads. Runs have their memory from the workspaces that all plans share.
 */
public final class Plan {
  /** The step of a node whose outputs have no elements: sizes beside a 0 may be of any length. */
  private static final Step NOTHING = (in, out, scratch) -> {
  };

  /** A node that is run, with places of its operands. */
  record Planned(Node node, Step step, Place[] in, Place[] out, long scratchAt, long scratchBytes) {}

  /** Where a value lies. */
  sealed interface Place {
    /** A constant, or a part of the block of a run. */
    record Fixed(MemorySegment constant, long at, long bytes) implements Place {}

    /** The memory that the caller gives as an input or an output of the graph. */
    record Callers(boolean isOutput, int index, long bytes) implements Place {}
  }

  /** An output that is an input, a constant, or another output: it is copied when the steps are done. */
  record Copy(Place from, int output) {}

  private final List<Planned> steps = new ArrayList<>();
  private final List<Copy> copies = new ArrayList<>();
  private final List<Known> outputs;
  private final long bytes;
  private final Workspaces workspaces;

  /**
   * Plans.
   *
   * @param graph the graph
   * @param kernels of its nodes
   * @param inputs of the graph, in its order, all shaped
   * @param limit of the bytes of a run
   * @param workspaces have the memory of its runs
   * @throws IllegalArgumentException naming the node whose inputs do not fit it, or if a run needs more
   *         memory
   * @throws UnsupportedOperationException naming the node that is not offered so
   */
  Plan(Graph graph, Kernels kernels, List<Known> inputs, long limit, Workspaces workspaces) {
    this.workspaces = workspaces;
    IdentityHashMap<Value, Known> known = Inference.ofRun(graph, kernels, inputs);
    Lifetimes lifetimes = new Lifetimes(graph, known);
    Layout layout = new Layout();
    IdentityHashMap<Value, Place> places = new IdentityHashMap<>();
    for (Node node : lifetimes.steps()) {
      List<Known> in = of(node.inputs(), known);
      List<Known> out = full(node, in, of(node.outputs(), known));
      Step step = out.stream().allMatch(output -> output.elements() == 0)
          ? NOTHING
          : NodeErrors.at(node, () -> kernels.of(node).plan(in, out));
      for (Value output : lifetimes.bornAt(node)) {
        long size = known.get(output).bytes();
        places.put(output, new Place.Fixed(null, NodeErrors.at(node, () -> layout.take(size)), size));
      }
      long scratchBytes = step.scratchBytes();
      long scratchAt = NodeErrors.at(node, () -> layout.take(scratchBytes));
      require(node, layout.size() + step.arrayBytes(), limit);
      steps.add(new Planned(node, step, operands(node.inputs(), kernels.of(node), lifetimes, known, places),
          operands(node.outputs(), null, lifetimes, known, places), scratchAt, scratchBytes));
      layout.free(scratchAt, scratchBytes);
      for (Value dead : lifetimes.deadAfter(node)) {
        Place.Fixed place = (Place.Fixed) places.get(dead);
        layout.free(place.at, place.bytes);
      }
    }
    this.bytes = layout.size();
    this.outputs = graph.outputs().stream().map(value -> known.getOrDefault(value, value.known())).toList();
    for (int i = 0; i < outputs.size(); i++) {
      Value copied = lifetimes.copied(i);
      if (copied != null) {
        copies.add(new Copy(place(copied, lifetimes, known, places), i));
      }
    }
  }

  private static List<Known> of(List<Value> values, IdentityHashMap<Value, Known> known) {
    List<Known> result = new ArrayList<>();
    values.forEach(value -> result.add(value == null ? null : known.getOrDefault(value, value.known())));
    return result;
  }

  /** The outputs with those that the node leaves out, for steps that compute all of them. */
  private static List<Known> full(Node node, List<Known> in, List<Known> out) {
    return out.contains(null) || out.isEmpty() ? node.op().infer(in) : out;
  }

  private static void require(Node node, long bytes, long limit) {
    if (bytes > limit) {
      throw new IllegalArgumentException(node + ": with inputs of these shapes a run needs " + bytes
          + " bytes of memory and more, expected at most " + limit);
    }
  }

  private static Place[] operands(List<Value> values, Kernel kernel, Lifetimes lifetimes,
      IdentityHashMap<Value, Known> known, IdentityHashMap<Value, Place> places) {
    Place[] result = new Place[values.size()];
    for (int i = 0; i < result.length; i++) {
      boolean used = values.get(i) != null && (kernel == null || kernel.reads(i));
      result[i] = used ? place(values.get(i), lifetimes, known, places) : null;
    }
    return result;
  }

  private static Place place(Value value, Lifetimes lifetimes, IdentityHashMap<Value, Known> known,
      IdentityHashMap<Value, Place> places) {
    Known what = known.getOrDefault(value, value.known());
    if (what.isConstant()) {
      return new Place.Fixed(what.data(), 0, what.bytes());
    }
    Value root = lifetimes.root(value);
    int output = lifetimes.outputOf(root);
    int input = lifetimes.inputOf(root);
    return input >= 0
        ? new Place.Callers(false, input, what.bytes())
        : output >= 0 ? new Place.Callers(true, output, what.bytes()) : places.get(root);
  }

  /** What is known of the outputs of the graph, all shaped. */
  public List<Known> outputs() {
    return outputs;
  }

  /** The bytes of memory that a run takes beside its inputs and outputs. */
  public long bytes() {
    return bytes;
  }

  List<Planned> steps() {
    return steps;
  }

  List<Copy> copies() {
    return copies;
  }

  /**
   * Runs.
   *
   * @param inputs memory of the inputs of the graph, in its order
   * @param into takes the outputs; none shares a byte with another segment
   * @throws IllegalArgumentException naming the node that refuses the elements of its inputs
   */
  public void run(MemorySegment[] inputs, MemorySegment[] into) {
    workspaces.run(this, inputs, into);
  }

  /**
   * Runs several times and times the steps. Steps that make no element are none.
   *
   * @param inputs memory of the inputs of the graph, in its order
   * @param into takes the outputs; none shares a byte with another segment
   * @param runs how often, 1 or more
   * @return the times
   * @throws IllegalArgumentException naming the node that refuses the elements of its inputs
   */
  public StepTimes time(MemorySegment[] inputs, MemorySegment[] into, int runs) {
    StepTimes times = new StepTimes(runs, System::nanoTime);
    RunMemory memory = new RunMemory(this, Workspace.allocate(bytes), new Scratch(),
        (node, step) -> step.equals(NOTHING) ? step : times.timed(node, step));
    times.measure(() -> memory.run(inputs, into));
    return times;
  }
}
