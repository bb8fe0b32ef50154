package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.op.Op;
import java.util.List;
import java.util.function.Function;

/**
 * An op of Octet that reads the first inputs.
 *
 * @param op closed with this
 * @param inputs how many of them steps read
 * @param plan makes the step of runs with inputs of some shapes
 */
record OctetKernel(Op op, int inputs, Function<List<Known>, Step> plan) implements Kernel {
  @Override
  public Step plan(List<Known> in, List<Known> out) {
    return plan.apply(in);
  }

  @Override
  public String name() {
    return op.kernel();
  }

  @Override
  public boolean reads(int input) {
    return input < inputs;
  }

  @Override
  public void close() {
    op.close();
  }
}
