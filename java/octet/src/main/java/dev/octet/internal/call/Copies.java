package dev.octet.internal.call;

import dev.octet.internal.ffm.NativeLibrary;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;

/**
 * Parts of operands in heap arrays, copied for a running tile, because native code cannot hold an array while
 * it works for long. Of operands in native memory the addresses are given as they are. The memory is kept for
 * the next tile. The state of tiles that need nothing else, or a part of it.
 */
public final class Copies extends StatePool.State {
  private NativeMemory memory;
  private long free;

  /**
   * Begins a tile.
   *
   * @param call its call
   * @param bytes that are copied at most, if all its operands are in heap arrays
   */
  public void begin(Call call, long bytes) {
    if (call.hasHeap()) {
      memory = NativeMemory.grown(memory, bytes);
      free = memory.address();
    }
  }

  private long take(long bytes) {
    long address = free;
    free += bytes;
    return address;
  }

  /** Returns the address of bytes of an operand, or of a copy of them; 0 where the operand is not given. */
  public long in(Operand operand, long offset, long bytes) {
    if (!operand.isHeap()) {
      return operand.address == 0 ? 0 : operand.address + offset;
    }
    long to = take(bytes);
    MemorySegment.copy(operand.segment, offset, NativeLibrary.memory(), to, bytes);
    return to;
  }

  /** Returns the address of a dense copy of rows of an operand in a heap array. */
  public long rowsIn(Operand operand, long offset, long stride, long bytes, int rows) {
    long to = take(rows * bytes);
    for (int row = 0; row < rows; row++) {
      MemorySegment.copy(operand.segment, offset + row * stride, NativeLibrary.memory(), to + row * bytes,
          bytes);
    }
    return to;
  }

  /** Returns the address for bytes of a result, or of what is copied back by {@link #back}. */
  public long out(Operand operand, long offset, long bytes) {
    return operand.isHeap() ? take(bytes) : operand.address + offset;
  }

  /** Copies bytes back into a result, where it is in a heap array. */
  public void back(long from, Operand operand, long offset, long bytes) {
    if (operand.isHeap()) {
      MemorySegment.copy(NativeLibrary.memory(), from, operand.segment, offset, bytes);
    }
  }

  /** Copies dense rows back into a result, where it is in a heap array. */
  public void rowsBack(long from, Operand operand, long offset, long stride, long bytes, int rows) {
    for (int row = 0; operand.isHeap() && row < rows; row++) {
      MemorySegment.copy(NativeLibrary.memory(), from + row * bytes, operand.segment, offset + row * stride,
          bytes);
    }
  }

  @Override
  public void close() {
    if (memory != null) {
      memory.close();
    }
  }
}
