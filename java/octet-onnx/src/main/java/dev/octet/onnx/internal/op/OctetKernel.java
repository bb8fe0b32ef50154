package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.op.Op;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntPredicate;

/**
 * An op of Octet.
 *
 * @param op whose kernel is named; closed with this
 * @param others that steps run too, likewise closed
 * @param inputs whether steps read an input
 * @param plan makes the step of runs with inputs and outputs of some shapes
 */
record OctetKernel(Op op, List<Op> others, IntPredicate inputs,
    BiFunction<List<Known>, List<Known>, Step> plan)
    implements
      Kernel {
  /** One that runs no others. */
  OctetKernel(Op op, IntPredicate inputs, BiFunction<List<Known>, List<Known>, Step> plan) {
    this(op, List.of(), inputs, plan);
  }

  /**
   * One that reads the first inputs.
   *
   * @param inputs how many of them steps read
   * @param plan makes the step of runs with inputs of some shapes
   */
  OctetKernel(Op op, int inputs, Function<List<Known>, Step> plan) {
    this(op, input -> input < inputs, (in, out) -> plan.apply(in));
  }

  @Override
  public Step plan(List<Known> in, List<Known> out) {
    return plan.apply(in, out);
  }

  @Override
  public String name() {
    return op.kernel();
  }

  @Override
  public boolean reads(int input) {
    return inputs.test(input);
  }

  @Override
  public void close() {
    op.close();
    others.forEach(Op::close);
  }
}
