package dev.octet.onnx;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.packs.Packs;
import dev.octet.onnx.internal.plan.Gate;
import dev.octet.onnx.internal.plan.Inference;
import dev.octet.onnx.internal.plan.Kernels;
import dev.octet.onnx.internal.plan.Plan;
import dev.octet.onnx.internal.plan.Plans;
import dev.octet.onnx.internal.plan.Pool;
import dev.octet.onnx.internal.plan.StepTimes;
import dev.octet.onnx.value.Tensor;
import dev.octet.onnx.value.TensorInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Model that is prepared to run. Immutable and safe for use by multiple threads, which may run it at the same
 * time. Runs with inputs of one set of shapes are planned once; the plans of the last sets are kept.
 *
 * <p>
 * Closing it frees the packed weights and constants, mapped ones too: new runs throw IllegalStateException,
 * running ones finish first.
 */
public final class PreparedOnnx implements AutoCloseable {
  private final List<TensorInfo> inputs;
  private final List<TensorInfo> outputs;
  private final Octet octet;
  private final Graph graph;
  private final List<NodeReport> nodes;
  private final Plans plans;
  private final Gate gate;
  private final long memoryLimit;
  private final Pool<RunCall> calls;

  private PreparedOnnx(Graph graph, List<TensorInfo> inputs, List<TensorInfo> outputs, Kernels kernels,
      Octet octet,
      OnnxOptions options) {
    this.octet = octet;
    this.inputs = inputs;
    this.outputs = outputs;
    this.graph = graph;
    this.nodes = graph.nodes().stream().map(node -> report(node, kernels)).toList();
    this.plans = new Plans(graph, kernels, options.memoryLimit());
    this.gate = new Gate(kernels::close);
    this.memoryLimit = options.memoryLimit();
    this.calls = new Pool<>(() -> new RunCall(inputs, outputs));
  }

  static PreparedOnnx of(Graph graph, List<TensorInfo> inputs, List<TensorInfo> outputs, Octet octet,
      OnnxOptions options) {
    Inference.learn(graph, octet);
    options.quantization().filter(how -> how.calibrator().isEmpty()).ifPresent(quantization -> {
      if (options.rewrites().contains(Rewrite.BATCH_NORMALIZATIONS)) {
        Rewrite.BATCH_NORMALIZATIONS.pass().apply(graph);
      }
      quantization.apply(graph);
    });
    for (Rewrite rewrite : Rewrite.values()) {
      if (options.rewrites().contains(rewrite)) {
        rewrite.pass().apply(graph);
      }
    }
    return new PreparedOnnx(graph, inputs, outputs,
        Kernels.prepare(graph, Packs.in(options.weightCache().orElse(null), octet)), octet, options);
  }

  /** A graph as it is, that gives values from its middle. */
  static PreparedOnnx observing(Graph graph, List<TensorInfo> inputs, List<TensorInfo> outputs, Octet octet) {
    return new PreparedOnnx(graph, inputs, outputs, Kernels.prepare(graph, Packs.inMemory(octet)), octet,
        OnnxOptions.defaults().memoryLimit(Long.MAX_VALUE));
  }

  private static NodeReport report(Node node, Kernels kernels) {
    Kernel kernel = kernels.of(node);
    return new NodeReport(node.name(), node.op().type(), node.op().isView() ? "view" : kernel.name(),
        node.origins().stream().map(origin -> origin.name() + " (" + origin.op().type() + ")").toList());
  }

  /**
   * Returns the inputs that a run needs.
   *
   * @return an immutable list, in the order of the file
   */
  public List<TensorInfo> inputs() {
    return inputs;
  }

  /**
   * Returns the outputs.
   *
   * @return an immutable list, in the order of the file
   */
  public List<TensorInfo> outputs() {
    return outputs;
  }

  /**
   * Returns how each node runs. Nodes of the file that were computed already, or that nothing needs, are not
   * among them.
   *
   * @return an immutable list, in the order in which they run
   */
  public List<NodeReport> nodes() {
    return nodes;
  }

  /**
   * Returns how each node runs, as text for people.
   *
   * @return a line for each
   */
  public String report() {
    return nodes.stream().map(node -> node + "\n").collect(Collectors.joining());
  }

  /**
   * Returns the shapes of the outputs of a run.
   *
   * @param shapes of all inputs, by name
   * @return those of the outputs, by name, in the order of the file
   * @throws IllegalArgumentException if an input is missing or not the model's, or its shape does not fit;
   *         the message names the input or the node
   * @throws UnsupportedOperationException if a node is not offered with these shapes
   * @throws IllegalStateException if this is closed
   */
  public Map<String, Shape> outputShapes(Map<String, Shape> shapes) {
    Objects.requireNonNull(shapes, "shapes");
    gate.enter();
    try {
      List<Known> known = new ArrayList<>();
      Bindings bindings = new Bindings(inputs);
      for (TensorInfo input : inputs) {
        known.add(bindings.shaped(input, input.type(), Bindings.get(inputs, shapes, input.name())));
      }
      Bindings.requireNoOthers(inputs, shapes);
      Map<String, Shape> result = new LinkedHashMap<>();
      List<Known> found = plans.of(known).outputs();
      for (int i = 0; i < outputs.size(); i++) {
        result.put(outputs.get(i).name(), Shape.of(found.get(i).dims()));
      }
      return result;
    } finally {
      gate.exit();
    }
  }

  /**
   * Runs the model.
   *
   * @param tensors all inputs, by name
   * @return the outputs, by name, in the order of the file, in memory of their own
   * @throws IllegalArgumentException if an input is missing or not the model's, its type, shape or elements
   *         do not fit, or the run and its outputs need more memory than {@link OnnxOptions#memoryLimit}; the
   *         message names the input, the node or the outputs
   * @throws UnsupportedOperationException if a node is not offered with these shapes
   * @throws IllegalStateException if this is closed
   */
  public Map<String, Tensor> run(Map<String, Tensor> tensors) {
    Objects.requireNonNull(tensors, "tensors");
    RunCall call = begin();
    try {
      Plan plan = call.plan(plans, tensors);
      Map<String, Tensor> result = results(plan, call);
      plan.run(call.in, call.out);
      return result;
    } finally {
      end(call);
    }
  }

  /** Gives a call memory of its own for the outputs. */
  private Map<String, Tensor> results(Plan plan, RunCall call) {
    requireRoomForOutputs(plan);
    Map<String, Tensor> result = new LinkedHashMap<>();
    for (int i = 0; i < call.out.length; i++) {
      Tensor tensor = Bindings.result(plan.outputs().get(i));
      result.put(outputs.get(i).name(), tensor);
      call.out[i] = tensor.data();
    }
    return result;
  }

  private RunCall begin() {
    RunCall call = calls.take();
    gate.enter();
    octet.beginSequence();
    return call;
  }

  private void end(RunCall call) {
    try {
      octet.endSequence();
      call.clear();
      calls.give(call);
    } finally {
      gate.exit();
    }
  }

  private void requireRoomForOutputs(Plan plan) {
    long left = memoryLimit - plan.bytes();
    for (Known output : plan.outputs()) {
      if (output.bytes() > left) {
        throw new IllegalArgumentException("outputs " + plan.outputs()
            + ": with inputs of these shapes a run and its outputs need more than the limit of " + memoryLimit
            + " bytes of memory; a run into memory of the caller may fit");
      }
      left -= output.bytes();
    }
  }

  /**
   * Runs the model into memory of the caller. Once some runs with inputs of such shapes are over, a run
   * allocates nothing, or objects of some 50 bytes where nodes work part by part, as grouped and dynamic
   * convolutions, LSTM, and masks that differ within a batch.
   *
   * @param tensors all inputs, by name
   * @param into takes all outputs, by name; writable, and none shares a byte with another tensor
   * @throws IllegalArgumentException if a tensor is missing or not the model's, its type, shape or elements
   *         do not fit, an output is read-only, or two tensors overlap; the message names the tensor or the
   *         node
   * @throws UnsupportedOperationException if a node is not offered with these shapes
   * @throws IllegalStateException if this is closed
   * @see #outputShapes
   */
  public void run(Map<String, Tensor> tensors, Map<String, Tensor> into) {
    Objects.requireNonNull(tensors, "tensors");
    Objects.requireNonNull(into, "into");
    RunCall call = begin();
    try {
      Plan plan = call.plan(plans, tensors);
      call.results(into, plan.outputs());
      plan.run(call.in, call.out);
    } finally {
      end(call);
    }
  }

  /**
   * Runs the model several times and times each node. Nothing is warmed up: run the model with inputs of
   * these shapes before, a thousand times or for some seconds, or the times are those of a JVM that is still
   * compiling. {@link #run} is no slower for it: it reads no clock, before or after a profile.
   *
   * <p>
   * Times are elapsed times on the calling thread, with what the Octet's workers do meanwhile, and with what
   * other runs and programs take of the processor. The clock is read twice a node, each time in some 50 ns;
   * the time of a node has one of these. A node has 0 where a run does nothing for it: views, what the shapes
   * of the inputs decide before the run, and nodes whose outputs have no elements. A node {@code If} has the
   * time of the branch that ran, whose nodes are not told apart.
   *
   * <p>
   * May be called by any number of threads, while others run the model. {@link #close} does not end it: the
   * weights are freed behind it. It takes the memory of a run, and 8 bytes for each node and run.
   *
   * @param tensors all inputs, by name; the same in each run
   * @param runs how often the model is run, 1 or more
   * @return the times, those of all {@link #nodes}
   * @throws IllegalArgumentException if {@code runs} is below 1, or as {@link #run(Map)} does
   * @throws UnsupportedOperationException if a node is not offered with these shapes
   * @throws IllegalStateException if this is closed
   */
  public RunProfile profile(Map<String, Tensor> tensors, int runs) {
    Objects.requireNonNull(tensors, "tensors");
    if (runs < 1) {
      throw new IllegalArgumentException("runs: expected 1 or more, got " + runs);
    }
    RunCall call = begin();
    try {
      Plan plan = call.plan(plans, tensors);
      results(plan, call);
      StepTimes times = plan.time(call.in, call.out, runs);
      List<NodeTime> ofNodes = new ArrayList<>();
      for (int i = 0; i < nodes.size(); i++) {
        ofNodes.add(new NodeTime(nodes.get(i), times.micros(graph.nodes().get(i))));
      }
      return new RunProfile(runs, times.runMicros(), ofNodes);
    } finally {
      end(call);
    }
  }

  /** Returns the number of nodes. */
  @Override
  public String toString() {
    return nodes.size() + " nodes, " + nodes.stream().filter(node -> node.kernel().indexOf(':') >= 0).count()
        + " on Octet's engines";
  }

  /**
   * Frees the packed weights and constants when the last running call has returned; has no effect when called
   * again.
   */
  @Override
  public void close() {
    gate.close();
  }
}
