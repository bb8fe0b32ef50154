package dev.octet.onednn;

import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;

/** Engine ONEDNN at work for one Octet. */
final class OneDnnBackend implements Backend {
  private final DnnlLibrary library;
  private final BackendContext context;
  private final Int8Rule rule;

  OneDnnBackend(DnnlLibrary library, BackendContext context, Int8Rule rule) {
    this.library = library;
    this.context = context;
    this.rule = rule;
  }

  @Override
  public String describe() {
    return "oneDNN " + library.version() + ", " + Dnnl.isa() + ", one thread in each tile"
        + (rule.split() ? ", 8-bit weights split in two where the CPU has no VNNI" : "");
  }
}
