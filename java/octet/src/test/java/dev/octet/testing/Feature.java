package dev.octet.testing;

/**
 * What an engine may or may not offer. A case needs some of these; an engine prepares a case exactly if its
 * profile has all of them, which {@link OfferSuite} proves.
 */
public enum Feature {
  /** Matmul of unsigned rows with signed weights. */
  MATMUL_U8_S8,
  /** Matmul of signed rows with signed weights. */
  MATMUL_S8_S8,
  /** Matmul of unsigned rows with unsigned weights. */
  MATMUL_U8_U8,
  /** Matmul of signed rows with unsigned weights. */
  MATMUL_S8_U8,
  /** Matmul with one zero point for all weights. */
  MATMUL_WEIGHT_ZERO_POINT,
  /** Matmul with a zero point for each column of the weights. */
  MATMUL_WEIGHT_ZERO_POINTS,
  /** Matmul with scale and zero point of each row at run time, S32 output. */
  MATMUL_PER_ROW_S32,
  /** Matmul with scale and zero point of each row at run time, F32 output. */
  MATMUL_PER_ROW_F32,
  /** Matmul with scale and zero point of each row at run time, 8-bit output. */
  MATMUL_PER_ROW_8BIT,

  /** Quantize to a type. */
  QUANTIZE_U8, QUANTIZE_S8, QUANTIZE_U4, QUANTIZE_S4,
  /** Quantize with a number of scales. */
  QUANTIZE_PER_TENSOR, QUANTIZE_PER_CHANNEL, QUANTIZE_PER_GROUP,
  /** Dequantize from a type. */
  DEQUANTIZE_U8, DEQUANTIZE_S8, DEQUANTIZE_U4, DEQUANTIZE_S4,
  /** Dequantize with a number of scales. */
  DEQUANTIZE_PER_TENSOR, DEQUANTIZE_PER_CHANNEL, DEQUANTIZE_PER_GROUP,
  /** Dynamic quantize, per row and per tensor. */
  DYNAMIC_QUANTIZE,
  /** Requantize S32 to 8 bits. */
  REQUANTIZE,
  /** Add. */
  ADD,
  /** Lookup, and requantize 8 bits to 8 bits. */
  LOOKUP,
  /** Pooling. */
  POOL_MAX, POOL_AVERAGE, POOL_GLOBAL_AVERAGE,
  /** Concat. */
  CONCAT
}
