package dev.octet.internal.vector.elements;

import dev.octet.engine.LookupKernel;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.vector.common.Form;
import java.lang.foreign.MemorySegment;

/** A table, indexed by the unsigned value of a byte. */
public final class VectorLookup extends ElementKernel implements LookupKernel {
  private final byte[] table;

  public VectorLookup(Workers workers, byte[] table) {
    super(workers, Byte.SIZE, Byte.SIZE);
    this.table = table;
  }

  @Override
  public String name() {
    return Form.name("lookup");
  }

  @Override
  public long packedBytes() {
    return table.length;
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, long count) {
    stream(src, dst, count, 1, count);
  }

  @Override
  void work(State state, Call call, long first) {
    state.loops.now().lookup(state.span, table);
  }
}
