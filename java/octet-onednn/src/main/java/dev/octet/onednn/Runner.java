package dev.octet.onednn;

import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import dev.octet.internal.ffm.StatePool;
import java.lang.foreign.MemorySegment;

/** A primitive with fixed weights that any number of threads run at once: each call borrows an execution. */
final class Runner implements Resource {
  private final Group owned = new Group();
  private final Primitive primitive;
  private final StatePool<State> states;

  /** What one running call needs. */
  private static final class State extends StatePool.State {
    private final Group owned = new Group();
    private final Execution execution;
    private final NativeMemory scratchpad;

    State(Primitive primitive, Handle weights, Execution.Fixed... fixed) {
      try {
        scratchpad = owned.add(NativeMemory.allocate(primitive.scratchpadBytes()));
        execution = owned.add(new Execution(primitive, owned.add(Dnnl.stream()), weights, fixed));
      } catch (RuntimeException | Error e) {
        owned.close();
        throw e;
      }
    }

    @Override
    public void close() {
      owned.close();
    }
  }

  /**
   * Compiles.
   *
   * @param description of a matmul or a convolution; stays the caller's
   * @param weights packed; they and the fixed arguments stay the caller's and outlive this; null: they come
   *        with each run
   * @param fixed bias, scales, zero points
   */
  Runner(Handle description, Handle weights, Execution.Fixed... fixed) {
    primitive = owned.add(new Primitive(description));
    states = owned.add(new StatePool<>(() -> new State(primitive, weights, fixed)));
  }

  /** oneDNN's name for the code that runs. */
  String implementation() {
    return primitive.implementation();
  }

  /** Runs on the calling thread; the arguments are those of {@link Execution#run}. */
  void run(long srcAddress, long dstAddress, MemorySegment keep, MemorySegment keepToo) {
    State state = states.take();
    try {
      state.execution.run(srcAddress, dstAddress, state.scratchpad.address(), keep, keepToo);
    } finally {
      states.give(state);
    }
  }

  /** The same with weights that come with the run. */
  void run(long srcAddress, long weightsAddress, long dstAddress, MemorySegment keep, MemorySegment keepToo) {
    State state = states.take();
    try {
      state.execution.setWeights(weightsAddress);
      state.execution.run(srcAddress, dstAddress, state.scratchpad.address(), keep, keepToo);
    } finally {
      states.give(state);
    }
  }

  /** Scratch memory of one running call. */
  long scratchBytes() {
    return primitive.scratchpadBytes();
  }

  /** Nobody may be running. */
  @Override
  public void close() {
    owned.close();
  }
}
