package dev.octet.engine;

import dev.octet.DataType;
import dev.octet.Quantization;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/**
 * An engine at work for one Octet. Every method makes a kernel for a validated spec; what an engine does not
 * offer is an {@link UnsupportedOperationException} that names the missing thing. The default is: not
 * offered.
 */
public interface Backend extends AutoCloseable {
  /**
   * One line for the report: version, tier, what it is limited to.
   *
   * @return the description
   */
  String describe();

  /**
   * Packs weights for kernels that are made later.
   *
   * @param weights 8 bits per tensor or per column, or 8 or 4 bits per group
   * @return the packed weights, held for the caller
   */
  default WeightPack pack(MatrixWeights weights) {
    throw notOffered("pack");
  }

  /**
   * Packed weights out of a file. Takes charge of the memory, unless it throws.
   *
   * @param layout {@link WeightPack#layout} of what was written
   * @param type U8, S8, U4 or S4
   * @param quantization of the weights
   * @param k input features
   * @param n output features
   * @param content {@link WeightPack#content} of what was written, aligned to a page
   * @param free unmaps it
   * @return the packed weights, held for the caller
   * @throws IllegalArgumentException if the content has not the size that the layout demands
   * @throws UnsupportedOperationException if kernels of this backend do not read the layout
   */
  default WeightPack map(String layout, DataType type, Quantization quantization, int k, int n,
      MemorySegment content, Runnable free) {
    throw notOffered("packed weights");
  }

  /** See {@link MatMulSpec}. */
  default MatMulKernel matMul(MatMulSpec spec) {
    throw notOffered("matMul");
  }

  /** See {@link FloatMatMulSpec}: rows quantized on the fly. */
  default FloatMatMulKernel dynamicMatMul(FloatMatMulSpec spec) {
    throw notOffered("dynamicMatMul");
  }

  /** See {@link FloatMatMulSpec}: float arithmetic. */
  default FloatMatMulKernel weightOnlyMatMul(FloatMatMulSpec spec) {
    throw notOffered("weightOnlyMatMul");
  }

  /** See {@link BatchMatMulSpec}. */
  default BatchMatMulKernel batchMatMul(BatchMatMulSpec spec) {
    throw notOffered("batchMatMul");
  }

  /** See {@link Conv2dSpec}. */
  default Conv2dKernel conv2d(Conv2dSpec spec) {
    throw notOffered("conv2d");
  }

  /** See {@link QuantizeSpec}: F32 to integers. */
  default QuantizeKernel quantize(QuantizeSpec spec) {
    throw notOffered("quantize");
  }

  /** See {@link QuantizeSpec}: integers to F32. */
  default QuantizeKernel dequantize(QuantizeSpec spec) {
    throw notOffered("dequantize");
  }

  /** F32 rows to U8 rows, each with scale and zero point of its own, as ONNX DynamicQuantizeLinear. */
  default DynamicQuantizeKernel dynamicQuantize() {
    throw notOffered("dynamicQuantize");
  }

  /** See {@link RequantizeSpec}. */
  default RequantizeKernel requantize(RequantizeSpec spec) {
    throw notOffered("requantize");
  }

  /** See {@link BinarySpec}. */
  default BinaryKernel binary(BinarySpec spec) {
    throw notOffered(spec.op().name().toLowerCase(Locale.ROOT));
  }

  /** A table of 256 bytes, indexed by the unsigned value of the input byte. */
  default LookupKernel lookup(byte[] table) {
    throw notOffered("lookup");
  }

  /** See {@link PoolSpec}. */
  default PoolKernel pool(PoolSpec spec) {
    throw notOffered("pool");
  }

  /** See {@link ConcatSpec}. */
  default ConcatKernel concat(ConcatSpec spec) {
    throw notOffered("concat");
  }

  /** Frees what the backend holds; kernels are closed before. */
  @Override
  default void close() {}

  private UnsupportedOperationException notOffered(String op) {
    return new UnsupportedOperationException("not offered: " + op);
  }
}
