package dev.octet.onednn;

import dev.octet.internal.call.Operand;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import java.lang.foreign.MemorySegment;

/**
 * The arguments of a primitive for one thread at a time: source, destination and scratchpad move from call to
 * call, weights from panel to panel, the rest is fixed. An address that did not change since the last call
 * costs nothing.
 */
final class Execution implements Resource {
  private static final int WEIGHTS = 3;
  private static final int FIXED = 4;

  /**
   * An operand that stays the same in every call.
   *
   * @param argument its number in oneDNN
   * @param memory the operand; stays its owner's
   */
  record Fixed(int argument, Handle memory) {}

  private final Group resources = new Group();
  private final Primitive primitive;
  private final Handle stream;
  private final Handle src;
  private final Handle dst;
  /** Null where the weights are given as they are packed. */
  private final Handle movingWeights;
  private final Handle scratchpad;
  private final MemorySegment arguments;
  private final int count;
  private long srcAddress;
  private long dstAddress;
  private long weightsAddress;
  private long scratchpadAddress;

  /**
   * Makes the memory objects.
   *
   * @param primitive what is to run; stays the caller's
   * @param stream of the thread that will run it; stays the caller's
   * @param weights the weights to begin with; null: they come by {@link #setWeights(long)}
   * @param fixed bias, scales, zero points
   */
  Execution(Primitive primitive, Handle stream, Handle weights, Fixed... fixed) {
    this.primitive = primitive;
    this.stream = stream;
    this.count = FIXED + fixed.length;
    try {
      src = resources.add(Dnnl.memory(primitive.src(), 0));
      dst = resources.add(Dnnl.memory(primitive.dst(), 0));
      movingWeights = weights == null ? resources.add(Dnnl.memory(primitive.weights(), 0)) : null;
      scratchpad = resources.add(Dnnl.memory(primitive.scratchpad(), 0));
      arguments = resources.add(NativeMemory.allocate(Dnnl.argumentBytes(count))).segment();
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
    Dnnl.setArgument(arguments, 0, Dnnl.ARG_SRC, src);
    Dnnl.setArgument(arguments, 1, Dnnl.ARG_DST, dst);
    Dnnl.setArgument(arguments, 2, Dnnl.ARG_SCRATCHPAD, scratchpad);
    setWeights(weights == null ? movingWeights : weights);
    for (int i = 0; i < fixed.length; i++) {
      Dnnl.setArgument(arguments, FIXED + i, fixed[i].argument(), fixed[i].memory());
    }
  }

  /** The weights of the calls to come. */
  final void setWeights(Handle weights) {
    Dnnl.setArgument(arguments, WEIGHTS, Dnnl.ARG_WEIGHTS, weights);
  }

  /** Where the weights of the calls to come lie, if none were given. */
  void setWeights(long address) {
    if (address != weightsAddress) {
      Dnnl.setAddress(movingWeights, address);
      weightsAddress = address;
    }
  }

  /** The scratchpad that {@link #run} must be given at least. */
  long scratchpadBytes() {
    return primitive.scratchpadBytes();
  }

  /**
   * Runs.
   *
   * @param srcAddress where the source lies
   * @param dstAddress where the result goes
   * @param scratchpadAddress memory for this call alone, aligned to 64 bytes
   * @param keep what keeps the source alive, see {@link Operand#keep}, or NULL
   * @param keepToo what keeps the destination or the weights alive, or NULL
   */
  void run(long srcAddress, long dstAddress, long scratchpadAddress, MemorySegment keep,
      MemorySegment keepToo) {
    if (srcAddress != this.srcAddress) {
      Dnnl.setAddress(src, srcAddress);
      this.srcAddress = srcAddress;
    }
    if (dstAddress != this.dstAddress) {
      Dnnl.setAddress(dst, dstAddress);
      this.dstAddress = dstAddress;
    }
    if (scratchpadAddress != this.scratchpadAddress) {
      Dnnl.setAddress(scratchpad, scratchpadAddress);
      this.scratchpadAddress = scratchpadAddress;
    }
    Dnnl.execute(primitive.handle(), stream, count, arguments, keep, keepToo);
  }

  @Override
  public void close() {
    resources.close();
  }
}
