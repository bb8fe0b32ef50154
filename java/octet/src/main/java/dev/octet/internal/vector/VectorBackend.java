package dev.octet.internal.vector;

import dev.octet.GeluForm;
import dev.octet.Quantization.Granularity;
import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.BatchMatMulKernel;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.engine.BinaryKernel;
import dev.octet.engine.BinarySpec;
import dev.octet.engine.BlockMatMulSpec;
import dev.octet.engine.ConcatKernel;
import dev.octet.engine.ConcatSpec;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.DynamicQuantizeKernel;
import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.GeluKernel;
import dev.octet.engine.LayerNormKernel;
import dev.octet.engine.LayerNormSpec;
import dev.octet.engine.LookupKernel;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;
import dev.octet.engine.PadKernel;
import dev.octet.engine.PadSpec;
import dev.octet.engine.PoolKernel;
import dev.octet.engine.PoolSpec;
import dev.octet.engine.QuantizeKernel;
import dev.octet.engine.QuantizeSpec;
import dev.octet.engine.RequantizeKernel;
import dev.octet.engine.RequantizeSpec;
import dev.octet.engine.ResizeKernel;
import dev.octet.engine.ResizeSpec;
import dev.octet.engine.SgemmKernel;
import dev.octet.engine.SgemmSpec;
import dev.octet.engine.SoftmaxKernel;
import dev.octet.engine.TransposeKernel;
import dev.octet.internal.composed.ComposedDynamicConv2d;
import dev.octet.internal.composed.ComposedDynamicMatMul;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.common.VectorContext;
import dev.octet.internal.vector.elements.VectorBinary;
import dev.octet.internal.vector.elements.VectorConversion;
import dev.octet.internal.vector.elements.VectorDynamicQuantize;
import dev.octet.internal.vector.elements.VectorGelu;
import dev.octet.internal.vector.elements.VectorLayerNorm;
import dev.octet.internal.vector.elements.VectorLookup;
import dev.octet.internal.vector.elements.VectorRequantize;
import dev.octet.internal.vector.elements.VectorSoftmax;
import dev.octet.internal.vector.images.VectorConcat;
import dev.octet.internal.vector.images.VectorConv2d;
import dev.octet.internal.vector.images.VectorPad;
import dev.octet.internal.vector.images.VectorPool;
import dev.octet.internal.vector.images.VectorResize;
import dev.octet.internal.vector.images.VectorTranspose;
import dev.octet.internal.vector.products.VectorBatchMatMul;
import dev.octet.internal.vector.products.VectorDynamicMatMul;
import dev.octet.internal.vector.products.VectorFloatMatMul;
import dev.octet.internal.vector.products.VectorMatMul;
import dev.octet.internal.vector.products.VectorSgemm;

/** Engine VECTOR at work for one Octet. */
final class VectorBackend implements Backend {
  private final VectorContext context;

  VectorBackend(BackendContext context) {
    this.context = new VectorContext(context);
  }

  @Override
  public String describe() {
    return Form.describe();
  }

  @Override
  public MatMulKernel matMul(MatMulSpec spec) {
    return VectorMatMul.prepare(context, spec);
  }

  @Override
  public FloatMatMulKernel dynamicMatMul(FloatMatMulSpec spec) {
    if (spec.perTensor()) {
      return new ComposedDynamicMatMul(spec, dynamicQuantize(), matMul(spec.product()));
    }
    return spec.weights().quantization().granularity() == Granularity.PER_GROUP
        ? VectorFloatMatMul.dynamicGroups(context, spec)
        : VectorDynamicMatMul.prepare(context, spec);
  }

  @Override
  public FloatMatMulKernel blockMatMul(BlockMatMulSpec spec) {
    return VectorFloatMatMul.blocks(context, spec);
  }

  @Override
  public FloatMatMulKernel blockWeightOnlyMatMul(BlockMatMulSpec spec) {
    return VectorFloatMatMul.blockWeightOnly(context, spec);
  }

  @Override
  public FloatMatMulKernel weightOnlyMatMul(FloatMatMulSpec spec) {
    return VectorFloatMatMul.weightOnly(context, spec);
  }

  @Override
  public Conv2dKernel conv2d(Conv2dSpec spec) {
    return VectorConv2d.prepare(context, spec);
  }

  @Override
  public Conv2dKernel dynamicConv2d(Conv2dSpec spec) {
    return new ComposedDynamicConv2d(spec, dynamicQuantize(), conv2d(spec));
  }

  @Override
  public QuantizeKernel quantize(QuantizeSpec spec) {
    return VectorConversion.quantize(context.workers, spec);
  }

  @Override
  public QuantizeKernel dequantize(QuantizeSpec spec) {
    return VectorConversion.dequantize(context.workers, spec);
  }

  @Override
  public DynamicQuantizeKernel dynamicQuantize() {
    return new VectorDynamicQuantize(context.workers);
  }

  @Override
  public RequantizeKernel requantize(RequantizeSpec spec) {
    return new VectorRequantize(context.workers, spec);
  }

  @Override
  public BinaryKernel binary(BinarySpec spec) {
    return new VectorBinary(context.workers, spec);
  }

  @Override
  public LookupKernel lookup(byte[] table) {
    return new VectorLookup(context.workers, table);
  }

  @Override
  public PoolKernel pool(PoolSpec spec) {
    return new VectorPool(context.workers, spec);
  }

  @Override
  public ConcatKernel concat(ConcatSpec spec) {
    return new VectorConcat(context.workers, spec);
  }

  @Override
  public TransposeKernel transpose() {
    return new VectorTranspose(context.workers);
  }

  @Override
  public PadKernel pad(PadSpec spec) {
    return new VectorPad(context.workers, spec);
  }

  @Override
  public ResizeKernel resize(ResizeSpec spec) {
    return new VectorResize(context.workers, spec);
  }

  @Override
  public BatchMatMulKernel batchMatMul(BatchMatMulSpec spec) {
    return new VectorBatchMatMul(context, spec);
  }

  @Override
  public SoftmaxKernel softmax(float scale) {
    return new VectorSoftmax(context.workers, scale);
  }

  @Override
  public LayerNormKernel layerNorm(LayerNormSpec spec) {
    return new VectorLayerNorm(context.workers, spec);
  }

  @Override
  public GeluKernel gelu(GeluForm form) {
    return new VectorGelu(context.workers, form);
  }

  @Override
  public SgemmKernel sgemm(SgemmSpec spec) {
    return new VectorSgemm(context, spec);
  }
}
