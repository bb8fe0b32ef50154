package dev.octet.engine;

import dev.octet.BlockFormat;
import dev.octet.DataType;
import dev.octet.GeluForm;
import dev.octet.Quantization;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/**
 * Engine opened for one Octet. Each method makes a kernel for a validated spec, or throws an
 * {@link UnsupportedOperationException} that names what the engine does not offer, as the default methods do.
 */
public interface Backend extends AutoCloseable {
  /**
   * Returns one line for the report: version, instruction set tier, limits.
   *
   * @return the description
   */
  String describe();

  /**
   * Packs weights for kernels that are made later.
   *
   * @param weights 8 bits per tensor or per column, or 8 or 4 bits per group
   * @return the packed weights, retained once for the caller
   */
  default WeightPack pack(MatrixWeights weights) {
    throw notOffered("pack");
  }

  /**
   * Packs weights in a block format for kernels that are made later.
   *
   * @param weights not packed
   * @return the packed weights, retained once for the caller
   */
  default WeightPack pack(BlockWeights weights) {
    throw notOffered("pack of weights in block formats");
  }

  /**
   * Packs weights of a convolution for kernels that are made later.
   *
   * @param weights per tensor or per output channel, not packed
   * @param groups the number of groups
   * @param window stride, dilation and padding, on which the order of the bytes may depend
   * @return the packed weights, retained once for the caller; their layout ends with the window as
   *         {@link ConvWeights#packed} reads it, or is that of a product
   */
  default WeightPack pack(ConvWeights weights, int groups, Window window) {
    throw notOffered("pack of conv2d");
  }

  /**
   * Makes packed weights of the content of a file. The result owns the memory, unless this method throws.
   *
   * @param layout the {@link WeightPack#layout} of the weights that were written
   * @param type U8, S8, U4 or S4
   * @param quantization scales and zero points of the weights
   * @param k input features
   * @param n output features
   * @param content the {@link WeightPack#content} of the weights that were written, aligned to a page
   * @param free unmaps the content
   * @return the packed weights, retained once for the caller
   * @throws IllegalArgumentException if the size of the content is not that of the layout
   * @throws UnsupportedOperationException if kernels of this backend do not read the layout
   */
  default WeightPack map(String layout, DataType type, Quantization quantization, int k, int n,
      MemorySegment content, Runnable free) {
    throw notOffered("packed weights");
  }

  /**
   * Makes packed weights in a block format of the content of a file. The result owns the memory, unless this
   * method throws.
   *
   * @param layout the {@link WeightPack#layout} of the weights that were written
   * @param format the format that they were in
   * @param k input features, whole blocks
   * @param n output features
   * @param content the {@link WeightPack#content} of the weights that were written, aligned to a page
   * @param free unmaps the content
   * @return the packed weights, retained once for the caller
   * @throws IllegalArgumentException if the size of the content is not that of the layout
   * @throws UnsupportedOperationException if kernels of this backend do not read the layout
   */
  default WeightPack map(String layout, BlockFormat format, int k, int n, MemorySegment content,
      Runnable free) {
    throw notOffered("packed weights in block formats");
  }

  /** Makes a kernel for a {@link MatMulSpec}. */
  default MatMulKernel matMul(MatMulSpec spec) {
    throw notOffered("matMul");
  }

  /** Makes a kernel for a {@link FloatMatMulSpec} that quantizes the rows to 8 bits. */
  default FloatMatMulKernel dynamicMatMul(FloatMatMulSpec spec) {
    throw notOffered("dynamicMatMul");
  }

  /** Makes a kernel for a {@link BlockMatMulSpec} that quantizes the rows to 8 bits. */
  default FloatMatMulKernel blockMatMul(BlockMatMulSpec spec) {
    throw notOffered(
        "dynamicMatMul with weights in block formats, which engines NATIVE, VECTOR and SCALAR have");
  }

  /** Makes a kernel for a {@link FloatMatMulSpec} in float arithmetic. */
  default FloatMatMulKernel weightOnlyMatMul(FloatMatMulSpec spec) {
    throw notOffered("weightOnlyMatMul");
  }

  /** Makes a kernel for a {@link BlockMatMulSpec} in float arithmetic. */
  default FloatMatMulKernel blockWeightOnlyMatMul(BlockMatMulSpec spec) {
    throw notOffered(
        "weightOnlyMatMul with weights in block formats, which engines NATIVE, VECTOR and SCALAR have");
  }

  /** Makes a kernel for a {@link BatchMatMulSpec}. */
  default BatchMatMulKernel batchMatMul(BatchMatMulSpec spec) {
    throw notOffered("batchMatMul");
  }

  /** Makes a kernel for a {@link Conv2dSpec}. */
  default Conv2dKernel conv2d(Conv2dSpec spec) {
    throw notOffered("conv2d");
  }

  /**
   * Makes a kernel for a {@link Conv2dSpec} with U8 images at run that quantizes F32 images itself: one run
   * takes floats and has no scales.
   */
  default Conv2dKernel dynamicConv2d(Conv2dSpec spec) {
    throw notOffered("dynamicConv2d");
  }

  /** Makes a kernel for a {@link ConvTranspose2dSpec}. */
  default Conv2dKernel convTranspose2d(ConvTranspose2dSpec spec) {
    throw notOffered("convTranspose2d");
  }

  /** Makes a kernel for a {@link Conv3dSpec}. */
  default Conv3dKernel conv3d(Conv3dSpec spec) {
    throw notOffered("conv3d");
  }

  /** Makes a kernel that converts F32 to the integers of a {@link QuantizeSpec}. */
  default QuantizeKernel quantize(QuantizeSpec spec) {
    throw notOffered("quantize");
  }

  /** Makes a kernel that converts the integers of a {@link QuantizeSpec} to F32. */
  default QuantizeKernel dequantize(QuantizeSpec spec) {
    throw notOffered("dequantize");
  }

  /**
   * Makes a kernel that quantizes F32 rows to U8 with a scale and zero point per row, as ONNX
   * DynamicQuantizeLinear.
   */
  default DynamicQuantizeKernel dynamicQuantize() {
    throw notOffered("dynamicQuantize");
  }

  /** Makes a kernel for a {@link RequantizeSpec}. */
  default RequantizeKernel requantize(RequantizeSpec spec) {
    throw notOffered("requantize");
  }

  /** Makes a kernel for a {@link BinarySpec}. */
  default BinaryKernel binary(BinarySpec spec) {
    throw notOffered(spec.op().name().toLowerCase(Locale.ROOT));
  }

  /** Makes a kernel for a table of 256 bytes, indexed by the unsigned value of the input byte. */
  default LookupKernel lookup(byte[] table) {
    throw notOffered("lookup");
  }

  /** Makes a kernel for a {@link PoolSpec}. */
  default PoolKernel pool(PoolSpec spec) {
    throw notOffered("pool");
  }

  /** Makes a kernel for a {@link ConcatSpec}. */
  default ConcatKernel concat(ConcatSpec spec) {
    throw notOffered("concat");
  }

  /** Makes a kernel that transposes matrices of bytes. */
  default TransposeKernel transpose() {
    throw notOffered("transposeImages");
  }

  /** Makes a kernel for a {@link PadSpec}. */
  default PadKernel pad(PadSpec spec) {
    throw notOffered("pad");
  }

  /** Makes a kernel for a {@link ResizeSpec}. */
  default ResizeKernel resize(ResizeSpec spec) {
    throw notOffered("resize");
  }

  /** Makes a kernel for rows of scores, which are multiplied with a scale. */
  default SoftmaxKernel softmax(float scale) {
    throw notOffered("softmax");
  }

  /** Makes a kernel for a {@link LayerNormSpec}. */
  default LayerNormKernel layerNorm(LayerNormSpec spec) {
    throw notOffered("layerNorm");
  }

  /** Makes a kernel for a form of GELU. */
  default GeluKernel gelu(GeluForm form) {
    throw notOffered("gelu");
  }

  /** Makes a kernel for a {@link SgemmSpec}. */
  default SgemmKernel sgemm(SgemmSpec spec) {
    throw notOffered("sgemm");
  }

  /** Frees the resources of the backend. Its kernels are closed before. */
  @Override
  default void close() {}

  private UnsupportedOperationException notOffered(String op) {
    return new UnsupportedOperationException("not offered: " + op);
  }
}
