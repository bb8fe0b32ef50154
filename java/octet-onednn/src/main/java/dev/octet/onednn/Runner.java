package dev.octet.onednn;

import dev.octet.internal.call.StatePool;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import java.lang.foreign.MemorySegment;

/** A primitive with fixed weights that any number of threads run at once: each call borrows an execution. */
final class Runner implements Resource {
  private final Group owned = new Group();
  private final Primitive primitive;
  private final StatePool<State> states;

  /** What one running call needs; taken by {@link #take}. */
  static final class State extends StatePool.State {
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

    /** Runs on the calling thread; the arguments are those of {@link Execution#run}. */
    void run(long srcAddress, long dstAddress, MemorySegment keep, MemorySegment keepToo) {
      execution.run(srcAddress, dstAddress, scratchpad.address(), keep, keepToo);
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

  /** For one thread at a time, which gives it back. */
  State take() {
    return states.take();
  }

  /** Gives back what {@link #take} gave. */
  void give(State state) {
    states.give(state);
  }

  /** Runs on the calling thread; the arguments are those of {@link Execution#run}. */
  void run(long srcAddress, long dstAddress, MemorySegment keep, MemorySegment keepToo) {
    State state = states.take();
    try {
      state.run(srcAddress, dstAddress, keep, keepToo);
    } finally {
      states.give(state);
    }
  }

  /** The same with weights that come with the run. */
  void run(long srcAddress, long weightsAddress, long dstAddress, MemorySegment keep, MemorySegment keepToo) {
    State state = states.take();
    try {
      state.execution.setWeights(weightsAddress);
      state.run(srcAddress, dstAddress, keep, keepToo);
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
