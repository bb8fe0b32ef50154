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
    String isa = Dnnl.isa();
    String without = rule.split()
        ? ", without VNNI: weights split in two"
        : ", without VNNI: 8-bit products are not exact and refused unless -D" + Int8Rule.SPLIT + "=true";
    return "oneDNN " + library.version() + ", " + isa + (Int8Rule.includesVnni(isa) ? "" : without);
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
    if (spec.input().atRun()) {
      throw new UnsupportedOperationException("not offered: conv2d with the input's scale at run");
    }
    return OneDnnConv2d.prepare(context, rule, spec);
  }
}
