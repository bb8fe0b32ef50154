package dev.octet.cli.selftest;

import dev.octet.op.Op;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** An engine that has one bit of each result wrong, in this JVM. */
public final class BrokenEngine implements Tester.Engine {
  /** The exponent of a float, element 3 of bytes. */
  private static final int BYTE = 3;

  private BrokenEngine() {}

  /**
   * A selftest in which every engine is broken.
   *
   * @return the selftest
   */
  public static Selftest selftest() {
    return new Selftest(jvm(new BrokenEngine()));
  }

  /** Runs tasks in this JVM. */
  static Jvm jvm(Tester.Engine engine) {
    return (target, task, events) -> {
      new Tester(task, engine, events).run();
      return new Jvm.End(0, List.of());
    };
  }

  @Override
  public <O extends Op> List<Output> run(OpCase<O> opCase, O op, Memory memory) {
    List<Output> outputs = opCase.run(op, memory);
    MemorySegment data = outputs.getFirst().data();
    if (data.byteSize() > 0) {
      long at = Math.min(BYTE, data.byteSize() - 1);
      data.set(ValueLayout.JAVA_BYTE, at, (byte) (data.get(ValueLayout.JAVA_BYTE, at) ^ 0x40));
    }
    return outputs;
  }
}
