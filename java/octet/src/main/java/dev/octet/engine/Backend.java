package dev.octet.engine;

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

  /** See {@link AddSpec}. */
  default AddKernel add(AddSpec spec) {
    throw notOffered("add");
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
