package dev.octet.internal.liboctet;

import dev.octet.BlockFormat;
import dev.octet.DataType;
import dev.octet.GeluForm;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.BatchMatMulKernel;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.engine.BinaryKernel;
import dev.octet.engine.BinarySpec;
import dev.octet.engine.BlockMatMulSpec;
import dev.octet.engine.BlockWeights;
import dev.octet.engine.ConcatKernel;
import dev.octet.engine.ConcatSpec;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.Conv3dKernel;
import dev.octet.engine.Conv3dSpec;
import dev.octet.engine.ConvTranspose2dSpec;
import dev.octet.engine.ConvWeights;
import dev.octet.engine.DynamicQuantizeKernel;
import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.GeluKernel;
import dev.octet.engine.LayerNormKernel;
import dev.octet.engine.LayerNormSpec;
import dev.octet.engine.LookupKernel;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.engine.PadKernel;
import dev.octet.engine.PadSpec;
import dev.octet.engine.PointwiseConv2d;
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
import dev.octet.engine.WeightPack;
import dev.octet.engine.Window;
import dev.octet.internal.composed.ComposedDynamicConv2d;
import dev.octet.internal.composed.ComposedDynamicMatMul;
import dev.octet.internal.composed.PlanarConv3d;
import java.lang.foreign.MemorySegment;

/** Engine NATIVE at work for one Octet. */
final class NativeBackend implements Backend {
  private final BackendContext context;

  NativeBackend(BackendContext context) {
    this.context = context;
  }

  @Override
  public String describe() {
    return "liboctet, " + Names.lower(context.isa()) + " kernels";
  }

  @Override
  public WeightPack pack(MatrixWeights weights) {
    return weights.quantization().granularity() == Granularity.PER_GROUP
        ? PackedGroups.pack(weights, context.isa())
        : PackedMatrix.pack(weights, context.isa());
  }

  @Override
  public WeightPack pack(BlockWeights weights) {
    return PackedBlocks.pack(weights.tensor(), context.isa());
  }

  @Override
  public WeightPack map(String layout, BlockFormat format, int k, int n, MemorySegment content,
      Runnable free) {
    return PackedBlocks.map(layout, format, k, n, context.isa(), content, free);
  }

  @Override
  public WeightPack pack(ConvWeights weights, int groups, Window window) {
    return PointwiseConv2d.suits(window, groups)
        ? PackedMatrix.pack(PointwiseConv2d.matrix(weights), context.isa())
        : PackedConv.pack(weights, groups, window, context.isa());
  }

  @Override
  public WeightPack map(String layout, DataType type, Quantization quantization, int k, int n,
      MemorySegment content, Runnable free) {
    boolean grouped = quantization.granularity() == Granularity.PER_GROUP;
    if (layout.equals(PackedMatrix.layout(context.isa()))) {
      checkForm(layout, !grouped && type.bits() == 8, type, quantization);
      return PackedMatrix.map(context.isa(), k, n, content, free);
    }
    if (layout.equals(PackedGroups.layout(context.isa()))) {
      checkForm(layout, grouped && type != DataType.U8, type, quantization);
      return PackedGroups.map(type, quantization, k, n, context.isa(), content, free);
    }
    if (PackedConv.isLayout(layout)) {
      checkForm(layout, !grouped && type.bits() == 8, type, quantization);
      return PackedConv.map(layout, type, context.isa(), k, n, content, free);
    }
    throw new UnsupportedOperationException("the weights are packed as " + layout + ", kernels of "
        + Names.lower(context.isa()) + " read " + PackedMatrix.layout(context.isa()) + " and "
        + PackedGroups.layout(context.isa()) + ": pack them again");
  }

  /** Kernels of groups divide by their size. */
  private static void checkForm(String layout, boolean fits, DataType type, Quantization quantization) {
    if (!fits || !type.isQuantized()) {
      throw new IllegalArgumentException("packed weights: no " + type + " weights, "
          + quantization.granularity() + ", are packed as " + layout);
    }
  }

  @Override
  public MatMulKernel matMul(MatMulSpec spec) {
    return NativeMatMul.prepare(context, spec);
  }

  @Override
  public FloatMatMulKernel dynamicMatMul(FloatMatMulSpec spec) {
    if (spec.perTensor()) {
      return new ComposedDynamicMatMul(spec, dynamicQuantize(), matMul(spec.product()));
    }
    return NativeFloatMatMul.dynamic(context, spec);
  }

  @Override
  public FloatMatMulKernel blockMatMul(BlockMatMulSpec spec) {
    return NativeFloatMatMul.blocks(context, spec);
  }

  @Override
  public FloatMatMulKernel blockWeightOnlyMatMul(BlockMatMulSpec spec) {
    return NativeFloatMatMul.blockWeightOnly(context, spec);
  }

  @Override
  public FloatMatMulKernel weightOnlyMatMul(FloatMatMulSpec spec) {
    return NativeFloatMatMul.weightOnly(context, spec);
  }

  @Override
  public BatchMatMulKernel batchMatMul(BatchMatMulSpec spec) {
    return new NativeBatchMatMul(context, spec);
  }

  @Override
  public Conv2dKernel conv2d(Conv2dSpec spec) {
    return NativeConv2d.prepare(context, spec);
  }

  @Override
  public Conv2dKernel dynamicConv2d(Conv2dSpec spec) {
    return new ComposedDynamicConv2d(spec, dynamicQuantize(), conv2d(spec));
  }

  @Override
  public Conv3dKernel conv3d(Conv3dSpec spec) {
    return PlanarConv3d.suits(spec)
        ? PlanarConv3d.of(spec, conv2d(PlanarConv3d.images(spec)))
        : NativeConv3d.prepare(context, spec);
  }

  @Override
  public Conv2dKernel convTranspose2d(ConvTranspose2dSpec spec) {
    return NativeConvTranspose2d.prepare(context, spec);
  }

  @Override
  public QuantizeKernel quantize(QuantizeSpec spec) {
    return NativeConversion.quantize(context, spec);
  }

  @Override
  public QuantizeKernel dequantize(QuantizeSpec spec) {
    return NativeConversion.dequantize(context, spec);
  }

  @Override
  public DynamicQuantizeKernel dynamicQuantize() {
    return new NativeDynamicQuantize(context);
  }

  @Override
  public RequantizeKernel requantize(RequantizeSpec spec) {
    return new NativeRequantize(context, spec);
  }

  @Override
  public BinaryKernel binary(BinarySpec spec) {
    return new NativeBinary(context, spec);
  }

  @Override
  public PoolKernel pool(PoolSpec spec) {
    return new NativePool(context, spec);
  }

  @Override
  public ConcatKernel concat(ConcatSpec spec) {
    return new NativeConcat(context, spec);
  }

  @Override
  public TransposeKernel transpose() {
    return new NativeTranspose(context);
  }

  @Override
  public PadKernel pad(PadSpec spec) {
    return new NativePad(context, spec);
  }

  @Override
  public ResizeKernel resize(ResizeSpec spec) {
    return new NativeResize(context, spec);
  }

  @Override
  public LookupKernel lookup(byte[] table) {
    return new NativeLookup(context, table);
  }

  @Override
  public SoftmaxKernel softmax(float scale) {
    return new NativeSoftmax(context, scale);
  }

  @Override
  public LayerNormKernel layerNorm(LayerNormSpec spec) {
    return new NativeLayerNorm(context, spec);
  }

  @Override
  public GeluKernel gelu(GeluForm form) {
    return new NativeGelu(context, form);
  }

  @Override
  public SgemmKernel sgemm(SgemmSpec spec) {
    return new NativeSgemm(context, spec);
  }
}
