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

  /** Dynamic matmul with weights of a type, with one scale or one a column. */
  DYNAMIC_MATMUL_S8, DYNAMIC_MATMUL_U8,
  /** Dynamic matmul with one range of all rows. */
  DYNAMIC_MATMUL_PER_TENSOR,
  /** Dynamic matmul with weights of a type, with scales per group along K. */
  DYNAMIC_MATMUL_S8_GROUPS, DYNAMIC_MATMUL_S4_GROUPS, DYNAMIC_MATMUL_U4_GROUPS,
  /** Dynamic matmul with zero points of the weights, as many as scales. */
  DYNAMIC_MATMUL_WEIGHT_ZERO_POINTS,

  /** Dynamic matmul with weights in block formats. */
  BLOCK_MATMUL,
  /** Weight-only matmul with weights in block formats. */
  BLOCK_WEIGHT_ONLY_MATMUL,

  /** Weight-only matmul with weights of a type, with one scale or one a column. */
  WEIGHT_ONLY_MATMUL_S8,
  /** Weight-only matmul with weights of a type, with scales per group along K. */
  WEIGHT_ONLY_MATMUL_S8_GROUPS, WEIGHT_ONLY_MATMUL_S4_GROUPS, WEIGHT_ONLY_MATMUL_U4_GROUPS,
  /** Weight-only matmul with zero points of the weights, as many as scales. */
  WEIGHT_ONLY_MATMUL_WEIGHT_ZERO_POINTS,

  /** Batched matmul of two types. */
  BATCH_U8_U8, BATCH_U8_S8, BATCH_S8_U8, BATCH_S8_S8,
  /** Batched matmul with scales and zero points of the left operand's rows at run time. */
  BATCH_LEFT_AT_RUN,
  /** Batched matmul with scales and zero points of the right operand's columns at run time. */
  BATCH_RIGHT_AT_RUN,
  /** Batched matmul with a transposed right operand. */
  BATCH_TRANSPOSED,

  /** Convolution of two types. */
  CONV_U8_U8, CONV_U8_S8, CONV_S8_U8, CONV_S8_S8,
  /** Convolution without groups, with groups, depthwise. */
  CONV_DENSE, CONV_GROUPED, CONV_DEPTHWISE,
  /** Convolution with one zero point for all weights. */
  CONV_WEIGHT_ZERO_POINT,
  /** Convolution with a zero point for each output channel. */
  CONV_WEIGHT_ZERO_POINTS,
  /** Convolution with scales and zero points of the images at run time. */
  CONV_INPUT_AT_RUN,
  /** Convolution of float images, with weights of a type. */
  DYNAMIC_CONV_S8, DYNAMIC_CONV_U8,
  /** Transposed convolution of all types. */
  TRANSPOSED_CONV2D,
  /** Convolution of volumes of all types. */
  CONV3D,

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
  /** Binary ops, all of them. */
  BINARY,
  /** Lookup, and requantize 8 bits to 8 bits. */
  LOOKUP,
  /** Pooling. */
  POOL_MAX, POOL_AVERAGE, POOL_GLOBAL_AVERAGE,
  /** Concat. */
  CONCAT,
  /** Images from one order of dimensions to the other. */
  TRANSPOSE_IMAGES,
  /** Borders around images. */
  PAD,
  /** Images of another size. */
  RESIZE,
  /** Functions of rows of floats. */
  SOFTMAX, LAYER_NORM, GELU,
  /** Products of floats. */
  SGEMM
}
