package dev.octet.internal.vector;

import dev.octet.DataType;
import dev.octet.engine.AddKernel;
import dev.octet.engine.AddSpec;
import dev.octet.engine.OutputSpec;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.vector.loops.Target;
import java.lang.foreign.MemorySegment;

/**
 * Sum of two quantized tensors. Everything that does not depend on the elements is folded into one constant,
 * which holds the output's zero point too.
 */
final class VectorAdd extends ElementKernel implements AddKernel {
  private final DataType type;
  private final float leftFactor;
  private final float rightFactor;
  private final float fixed;
  private final Target target;

  VectorAdd(Workers workers, AddSpec spec) {
    super(workers, Byte.SIZE, Byte.SIZE, Byte.SIZE);
    OutputSpec output = spec.output();
    this.type = output.type();
    this.leftFactor = spec.leftFactor();
    this.rightFactor = spec.rightFactor();
    this.fixed = spec.fixed();
    this.target = new Target(0, output.lo(), output.hi());
  }

  @Override
  public String name() {
    return Form.name("add_", type);
  }

  @Override
  public void run(MemorySegment left, MemorySegment right, MemorySegment dst, long count) {
    stream(left, right, dst, count, 1, count);
  }

  @Override
  void work(State state, Call call, long first) {
    state.loops.now().add(state.span, type == DataType.U8, leftFactor, rightFactor, fixed, target);
  }
}
