package dev.octet.internal.scalar;

import dev.octet.engine.LookupKernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A table, indexed by the unsigned value of a byte. */
final class ScalarLookup implements LookupKernel {
  private final byte[] table;

  ScalarLookup(byte[] table) {
    this.table = table;
  }

  @Override
  public String name() {
    return "scalar:lookup";
  }

  @Override
  public long packedBytes() {
    return table.length;
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, long count) {
    for (long i = 0; i < count; i++) {
      dst.set(ValueLayout.JAVA_BYTE, i, table[src.get(ValueLayout.JAVA_BYTE, i) & 0xff]);
    }
  }
}
