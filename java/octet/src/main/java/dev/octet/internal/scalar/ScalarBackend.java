package dev.octet.internal.scalar;

import dev.octet.GeluForm;
import dev.octet.Quantization.Granularity;
import dev.octet.engine.Backend;
import dev.octet.engine.BatchMatMulKernel;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.engine.BinaryKernel;
import dev.octet.engine.BinarySpec;
import dev.octet.engine.BlockMatMulSpec;
import dev.octet.engine.ConcatKernel;
import dev.octet.engine.ConcatSpec;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.Conv3dKernel;
import dev.octet.engine.Conv3dSpec;
import dev.octet.engine.ConvTranspose2dSpec;
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
import dev.octet.engine.PoolSpec.Kind;
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

/** Engine SCALAR. */
public final class ScalarBackend implements Backend {
  @Override
  public String describe() {
    return "plain Java loops, one thread";
  }

  @Override
  public MatMulKernel matMul(MatMulSpec spec) {
    return new ScalarMatMul(spec);
  }

  @Override
  public FloatMatMulKernel dynamicMatMul(FloatMatMulSpec spec) {
    if (spec.perTensor()) {
      return new ScalarTensorMatMul(spec);
    }
    return spec.weights().quantization().granularity() == Granularity.PER_GROUP
        ? new ScalarGroupMatMul(spec)
        : new ScalarDynamicMatMul(spec);
  }

  @Override
  public FloatMatMulKernel blockMatMul(BlockMatMulSpec spec) {
    return new ScalarBlockMatMul(spec);
  }

  @Override
  public FloatMatMulKernel blockWeightOnlyMatMul(BlockMatMulSpec spec) {
    return new ScalarWeightOnlyMatMul(spec);
  }

  @Override
  public FloatMatMulKernel weightOnlyMatMul(FloatMatMulSpec spec) {
    return new ScalarWeightOnlyMatMul(spec);
  }

  @Override
  public BatchMatMulKernel batchMatMul(BatchMatMulSpec spec) {
    return new ScalarBatchMatMul(spec);
  }

  @Override
  public Conv2dKernel conv2d(Conv2dSpec spec) {
    return new ScalarConv2d(spec);
  }

  @Override
  public Conv2dKernel dynamicConv2d(Conv2dSpec spec) {
    return new ScalarDynamicConv2d(spec);
  }

  @Override
  public Conv3dKernel conv3d(Conv3dSpec spec) {
    return new ScalarConv3d(spec);
  }

  @Override
  public Conv2dKernel convTranspose2d(ConvTranspose2dSpec spec) {
    return new ScalarConvTranspose2d(spec);
  }

  @Override
  public QuantizeKernel quantize(QuantizeSpec spec) {
    return ScalarQuantize.quantize(spec);
  }

  @Override
  public QuantizeKernel dequantize(QuantizeSpec spec) {
    return ScalarQuantize.dequantize(spec);
  }

  @Override
  public DynamicQuantizeKernel dynamicQuantize() {
    return new ScalarDynamicQuantize();
  }

  @Override
  public RequantizeKernel requantize(RequantizeSpec spec) {
    return new ScalarRequantize(spec);
  }

  @Override
  public BinaryKernel binary(BinarySpec spec) {
    return new ScalarBinary(spec);
  }

  @Override
  public LookupKernel lookup(byte[] table) {
    return new ScalarLookup(table);
  }

  @Override
  public PoolKernel pool(PoolSpec spec) {
    return spec.kind() == Kind.GLOBAL_AVERAGE ? new ScalarGlobalAveragePool(spec) : new ScalarPool(spec);
  }

  @Override
  public ConcatKernel concat(ConcatSpec spec) {
    return new ScalarConcat(spec);
  }

  @Override
  public TransposeKernel transpose() {
    return new ScalarTranspose();
  }

  @Override
  public PadKernel pad(PadSpec spec) {
    return new ScalarPad(spec);
  }

  @Override
  public ResizeKernel resize(ResizeSpec spec) {
    return new ScalarResize(spec);
  }

  @Override
  public SoftmaxKernel softmax(float scale) {
    return new ScalarSoftmax(scale);
  }

  @Override
  public LayerNormKernel layerNorm(LayerNormSpec spec) {
    return new ScalarLayerNorm(spec);
  }

  @Override
  public GeluKernel gelu(GeluForm form) {
    return new ScalarGelu(form);
  }

  @Override
  public SgemmKernel sgemm(SgemmSpec spec) {
    return new ScalarSgemm(spec);
  }
}
