package dev.octet.onednn;

import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;

/** Brings weights into the format that oneDNN chose, once, while an op is prepared. */
final class Packing {
  private Packing() {}

  /** Copies a tensor from one format into another. */
  static void reorder(Handle fromDesc, Handle from, Handle toDesc, Handle to) {
    try (Handle attributes = Dnnl.attributes();
        Handle description = Dnnl.reorder(fromDesc, toDesc, attributes);
        Handle scratchpadDesc = Dnnl.queryDesc(description, Dnnl.QUERY_SCRATCHPAD);
        NativeMemory scratch = NativeMemory.allocate(Dnnl.size(scratchpadDesc));
        Handle scratchpad = Dnnl.memory(scratchpadDesc, scratch.address());
        Handle primitive = Dnnl.primitive(description);
        Handle stream = Dnnl.stream();
        NativeMemory arguments = NativeMemory.allocate(Dnnl.argumentBytes(3))) {
      Dnnl.setArgument(arguments.segment(), 0, Dnnl.ARG_SRC, from);
      Dnnl.setArgument(arguments.segment(), 1, Dnnl.ARG_DST, to);
      Dnnl.setArgument(arguments.segment(), 2, Dnnl.ARG_SCRATCHPAD, scratchpad);
      Dnnl.execute(primitive, stream, 3, arguments.segment(), MemorySegment.NULL, MemorySegment.NULL);
    }
  }
}
