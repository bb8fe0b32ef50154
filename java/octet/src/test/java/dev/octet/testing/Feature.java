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
}
