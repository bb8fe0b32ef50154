package dev.octet.onednn;

import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.BatchMatMulKernel;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;

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

  @Override
  public MatMulKernel matMul(MatMulSpec spec) {
    return OneDnnMatMul.prepare(context, rule, spec);
  }

  @Override
  public FloatMatMulKernel dynamicMatMul(FloatMatMulSpec spec) {
    return OneDnnDynamicMatMul.prepare(context, rule, spec);
  }

  @Override
  public BatchMatMulKernel batchMatMul(BatchMatMulSpec spec) {
    return new OneDnnBatchMatMul(context, rule, spec);
  }

  @Override
  public Conv2dKernel conv2d(Conv2dSpec spec) {
    return OneDnnConv2d.prepare(context, rule, spec);
  }
}
