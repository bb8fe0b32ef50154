package dev.octet.internal.liboctet;

import dev.octet.engine.BackendContext;
import dev.octet.engine.LookupKernel;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;

/** A table of 256 bytes. */
final class NativeLookup extends StreamKernel implements LookupKernel {
  private final NativeMemory memory;
  private final long table;
  private final int kernel;
  private final String name;

  NativeLookup(BackendContext context, byte[] entries) {
    super(context.workers(), rate(context.isa()), Byte.SIZE, Byte.SIZE);
    this.kernel = ElementFunctions.lookupKernel(Names.tier(context.isa()));
    this.name = Names.of(kernel);
    this.memory = NativeMemory.allocate(entries.length);
    this.table = memory.address();
    MemorySegment.copy(MemorySegment.ofArray(entries), 0, memory.segment(), 0, entries.length);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long packedBytes() {
    return memory.bytes();
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, long count) {
    stream(src, dst, count, 1, count);
  }

  @Override
  void quick(MemorySegment src, MemorySegment dst, long axis, long inner, long count) {
    ElementFunctions.lookupQuick(kernel, table, src, dst, count);
  }

  @Override
  void whole(MemorySegment src, MemorySegment dst, long axis, long inner, long count) {
    ElementFunctions.lookupWhole(kernel, table, src, dst, count);
  }

  @Override
  void tile(Tile tile) {
    ElementFunctions.lookupTile(kernel, table, tile);
  }

  @Override
  public void close() {
    super.close();
    memory.close();
  }
}
