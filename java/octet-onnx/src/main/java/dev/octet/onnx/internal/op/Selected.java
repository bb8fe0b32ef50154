package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * The kernel of an operator that takes some of the inputs of a node; the others are constants that it has.
 *
 * @param kernel of the operator
 * @param keeps whether shapes depend on the others, so that they are kept
 * @param places which inputs of the node its inputs are
 */
record Selected(Kernel kernel, boolean keeps, int... places) implements Kernel {
  @Override
  public Step plan(List<Known> in, List<Known> out) {
    Step step = kernel.plan(Arrays.stream(places).mapToObj(in::get).toList(), out);
    return new Step() {
      @Override
      public void run(MemorySegment[] from, MemorySegment[] to, Scratch scratch) {
        MemorySegment[] some = new MemorySegment[places.length];
        for (int i = 0; i < some.length; i++) {
          some[i] = from[places[i]];
        }
        step.run(some, to, scratch);
      }

      @Override
      public long scratchBytes() {
        return step.scratchBytes();
      }

      @Override
      public long arrayBytes() {
        return step.arrayBytes();
      }
    };
  }

  @Override
  public String name() {
    return kernel.name();
  }

  @Override
  public boolean reads(int input) {
    for (int i = 0; i < places.length; i++) {
      if (places[i] == input) {
        return kernel.reads(i);
      }
    }
    return keeps;
  }

  @Override
  public void close() {
    kernel.close();
  }
}
