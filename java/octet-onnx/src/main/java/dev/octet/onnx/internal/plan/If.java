package dev.octet.onnx.internal.plan;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.graph.WeightOp;
import dev.octet.onnx.internal.packs.Packs;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * Runs one of two graphs. The first input is the condition; then come the values that the first graph reads
 * of the one around it, which are its inputs, then those of the second. Where the condition is known with the
 * shapes of a run, as one on shapes is, the other graph need not fit them.
 *
 * @param first what is run where the condition is true
 * @param second what is run where it is false
 */
public record If(Graph first, Graph second) implements WeightOp {
  /** Checks that both have as many outputs. */
  public If {
    if (first.outputs().size() != second.outputs().size()) {
      throw new IllegalArgumentException("the branches have " + first.outputs().size() + " and "
          + second.outputs().size() + " outputs, expected as many of both");
    }
  }

  @Override
  public String type() {
    return "If";
  }

  /** The graph that is run. */
  private Graph graph(boolean condition) {
    return condition ? first : second;
  }

  private <T> List<T> inputs(boolean condition, List<T> all) {
    int from = condition ? 1 : 1 + first.inputs().size();
    return all.subList(from, from + graph(condition).inputs().size());
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Known condition = inputs.getFirst();
    if (condition == null || condition.type() != ElementType.BOOL
        || (condition.isShaped() && condition.elements() != 1)) {
      throw new IllegalArgumentException("input 0: expected one element of type BOOL, got " + condition);
    }
    if (condition.isConstant()) {
      return outputs(isTrue(condition.data()), inputs);
    }
    List<Known> a;
    List<Known> b;
    try {
      a = outputs(true, inputs);
    } catch (IllegalArgumentException | UnsupportedOperationException e) {
      return outputs(false, inputs);
    }
    try {
      b = outputs(false, inputs);
    } catch (IllegalArgumentException | UnsupportedOperationException e) {
      return a;
    }
    List<Known> both = new ArrayList<>();
    for (int i = 0; i < a.size(); i++) {
      both.add(either(i, a.get(i), b.get(i)));
    }
    return both;
  }

  private static boolean isTrue(MemorySegment condition) {
    return condition.get(Elements.BYTE, 0) != 0;
  }

  private List<Known> outputs(boolean condition, List<Known> inputs) {
    Graph graph = graph(condition);
    IdentityHashMap<Value, Known> known = Inference.ofShapes(graph, inputs(condition, inputs));
    return graph.outputs().stream().map(value -> known.getOrDefault(value, value.known())).toList();
  }

  /** What is known of an output, whichever branch makes it. */
  private static Known either(int output, Known a, Known b) {
    if (a.type() != b.type()) {
      throw new IllegalArgumentException("output " + output + ": the branches make " + a + " and " + b
          + ", expected one element type");
    }
    if (!a.hasRank() || !b.hasRank() || a.rank() != b.rank()) {
      return Known.of(a.type());
    }
    long[] dims = a.dims().clone();
    for (int axis = 0; axis < dims.length; axis++) {
      dims[axis] = dims[axis] == b.dims()[axis] ? dims[axis] : Known.UNKNOWN;
    }
    return Known.of(a.type(), dims);
  }

  @Override
  public Kernel kernel(Packs packs, List<Known> inputs) {
    Known condition = inputs.getFirst();
    Kernels[] kernels = new Kernels[2];
    for (boolean branch : new boolean[]{true, false}) {
      if (condition.isConstant() && isTrue(condition.data()) != branch) {
        continue;
      }
      try {
        kernels[branch ? 0 : 1] = prepare(graph(branch), inputs(branch, inputs), packs);
      } catch (Throwable e) {
        close(kernels);
        throw e;
      }
    }
    return new Branches(this, kernels[0], kernels[1], new Workspaces(0)); // no more than a run needs
  }

  private static void close(Kernels... kernels) {
    Arrays.stream(kernels).filter(kernel -> kernel != null).forEach(Kernels::close);
  }

  private static Kernels prepare(Graph graph, List<Known> inputs, Packs packs) {
    for (int i = 0; i < inputs.size(); i++) {
      graph.inputs().get(i).learn(inputs.get(i));
    }
    Inference.learn(graph, packs.octet());
    return Kernels.prepare(graph, packs);
  }

  /** Both branches, or the one that is ever run. */
  private record Branches(If op, Kernels first, Kernels second, Workspaces workspaces) implements Kernel {
    @Override
    public Step plan(List<Known> in, List<Known> out) {
      Known condition = in.getFirst();
      if (condition.isConstant()) {
        boolean branch = isTrue(condition.data());
        Branch only = branch(branch, in, out);
        only.requirePlan();
        return new Run(branch ? only : null, branch ? null : only, branch);
      }
      return new Run(branch(true, in, out), branch(false, in, out), null);
    }

    private Branch branch(boolean condition, List<Known> in, List<Known> out) {
      int from = condition ? 1 : 1 + op.first.inputs().size();
      try {
        Plan plan = new Plan(op.graph(condition), condition ? first : second, op.inputs(condition, in),
            Long.MAX_VALUE, workspaces);
        for (int i = 0; i < out.size(); i++) {
          Known made = plan.outputs().get(i);
          if (made.type() != out.get(i).type() || !Arrays.equals(made.dims(), out.get(i).dims())) {
            throw new UnsupportedOperationException("output " + i + ": the branches make " + made + " and "
                + out.get(i) + ", so that its shape is known only when they are run: not offered");
          }
        }
        return new Branch(plan, from, op.graph(condition).inputs().size(), null);
      } catch (IllegalArgumentException | UnsupportedOperationException e) {
        return new Branch(null, from, 0, e);
      }
    }

    @Override
    public void close() {
      If.close(first, second);
    }
  }

  /**
   * A branch with the shapes of a run.
   *
   * @param plan null where it does not fit them
   * @param from the first of its inputs
   * @param count how many it has
   * @param failure why it does not fit
   */
  private record Branch(Plan plan, int from, int count, RuntimeException failure) {
    void requirePlan() {
      if (failure != null) {
        throw failure;
      }
    }

    void run(MemorySegment[] in, MemorySegment[] out) {
      requirePlan();
      plan.run(Arrays.copyOfRange(in, from, from + count), out);
    }

    long bytes() {
      return plan == null ? 0 : plan.bytes();
    }
  }

  /**
   * A run.
   *
   * @param known the condition, where it is known before
   */
  private record Run(Branch first, Branch second, Boolean known) implements Step {
    @Override
    public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
      boolean condition = known == null ? isTrue(in[0]) : known;
      (condition ? first : second).run(in, out);
    }

    @Override
    public long arrayBytes() {
      return Math.max(first == null ? 0 : first.bytes(), second == null ? 0 : second.bytes());
    }
  }
}
