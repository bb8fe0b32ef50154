package dev.octet.onnx;

import dev.octet.onnx.internal.pass.BatchNormalizations;
import dev.octet.onnx.internal.pass.ChannelsLast;
import dev.octet.onnx.internal.pass.DynamicConvolutions;
import dev.octet.onnx.internal.pass.DynamicProducts;
import dev.octet.onnx.internal.pass.FloatChains;
import dev.octet.onnx.internal.pass.Gelus;
import dev.octet.onnx.internal.pass.IntegerConvolutions;
import dev.octet.onnx.internal.pass.IntegerOperators;
import dev.octet.onnx.internal.pass.IntegerProducts;
import dev.octet.onnx.internal.pass.LayerNorms;
import dev.octet.onnx.internal.pass.MaskedSoftmaxes;
import dev.octet.onnx.internal.pass.Pass;
import dev.octet.onnx.internal.pass.ProductBiases;
import dev.octet.onnx.internal.pass.QuantizedArithmetic;
import dev.octet.onnx.internal.pass.QuantizedBatchProducts;
import dev.octet.onnx.internal.pass.QuantizedColumns;
import dev.octet.onnx.internal.pass.QuantizedConcatenations;
import dev.octet.onnx.internal.pass.QuantizedConvolutions;
import dev.octet.onnx.internal.pass.QuantizedFunctions;
import dev.octet.onnx.internal.pass.QuantizedMoves;
import dev.octet.onnx.internal.pass.QuantizedPools;
import dev.octet.onnx.internal.pass.QuantizedProducts;
import dev.octet.onnx.internal.pass.QuantizedSoftmaxes;
import dev.octet.onnx.internal.pass.TransposedProducts;

/**
 * Names what {@link OnnxModel#prepare} rewrites a graph to, in this order. None of them changes a bit of a
 * result, but for {@link #BATCH_NORMALIZATIONS}, which rounds weights, {@link #LAYER_NORMS}, {@link #GELUS},
 * {@link #MASKED_SOFTMAXES} and {@link #PRODUCT_BIASES}, which round in another order than the nodes that
 * they replace, and those that compute with the integers of a quantized model where its file has floats:
 * their results may differ by 1.
 */
public enum Rewrite {
  /**
   * Operators of integers whose scales are constant inputs, as QLinearConv, QLinearAdd or MaxPool of 8-bit
   * images, become the nodes that the other rewrites make of quantized models.
   */
  INTEGER_OPERATORS,
  /**
   * MatMulInteger with constant weights, Cast, Mul by the product of the scales, and Add of a bias become one
   * product of integers with float results.
   */
  INTEGER_PRODUCTS,
  /**
   * DynamicQuantizeLinear and the only product of integers that reads it become one product of floats. Needs
   * {@link #INTEGER_PRODUCTS}.
   */
  DYNAMIC_PRODUCTS,
  /**
   * ConvInteger with constant weights, Cast, Mul by the product of the scales, and Add of a bias become one
   * convolution of integers with float results.
   */
  INTEGER_CONVOLUTIONS,
  /**
   * DynamicQuantizeLinear and the only convolution of integers that reads it become one convolution of
   * floats. Needs {@link #INTEGER_CONVOLUTIONS}.
   */
  DYNAMIC_CONVOLUTIONS,
  /**
   * Nodes that only move floats behind DequantizeLinear, as Reshape, Transpose, Slice, Pad, MaxPool and
   * Resize to the nearest element, move integers, and DequantizeLinear comes behind them. Shape and Size read
   * those of the integers.
   */
  QUANTIZED_MOVES,
  /**
   * Conv of what DequantizeLinear makes of images and of constant weights, and Relu, Clip and QuantizeLinear
   * behind it, become one convolution of integers, {@link dev.octet.op.Conv2d}, that adds in integers:
   * results of 8 bits differ by at most 1, floats by rounding.
   */
  QUANTIZED_CONVOLUTIONS,
  /**
   * MatMul or Gemm of what DequantizeLinear makes of integers and of a constant matrix, a bias, and Relu,
   * Clip and QuantizeLinear behind it, become one product of integers, {@link dev.octet.op.MatMul}: results
   * of 8 bits differ by at most 1, floats by rounding.
   */
  QUANTIZED_PRODUCTS,
  /**
   * MatMul of two tensors of the run that DequantizeLinear makes, Relu or Clip and QuantizeLinear become one
   * product of integers, {@link dev.octet.op.BatchMatMul}, with floats or integers for a result.
   */
  QUANTIZED_BATCH_PRODUCTS,
  /**
   * Add, Sub, Mul, Div, Max or Min between DequantizeLinear and QuantizeLinear becomes one node of integers,
   * {@link dev.octet.op.Binary}, with Relu or Clip in it. Results differ by at most 1.
   */
  QUANTIZED_ARITHMETIC,
  /**
   * AveragePool or GlobalAveragePool between DequantizeLinear and QuantizeLinear becomes one node of
   * integers. Results differ by at most 1.
   */
  QUANTIZED_POOLS,
  /** Concat between DequantizeLinear and QuantizeLinear becomes one node of integers. */
  QUANTIZED_CONCATENATIONS,
  /** Softmax of rows between DequantizeLinear and QuantizeLinear becomes one node. */
  QUANTIZED_SOFTMAXES,
  /**
   * Mul with a power of 2 for each column, which static quantization puts before products, and QuantizeLinear
   * become one node.
   */
  QUANTIZED_COLUMNS,
  /**
   * Conv with constant weights and the BatchNormalization that alone reads it become one convolution. Each
   * weight is rounded once more, so that results differ by some units of the last place of the largest
   * product in a sum.
   */
  BATCH_NORMALIZATIONS,
  /**
   * The nodes of a layer norm along the last axis, and a sum before it, become one,
   * {@link dev.octet.op.LayerNorm}. Results differ by some units of the last place of the largest element of
   * a row, divided by the deviation.
   */
  LAYER_NORMS,
  /**
   * The nodes of GELU with the error function, or with its approximation by the hyperbolic tangent, become
   * one, {@link dev.octet.op.Gelu}. Results differ by at most 2<sup>-21</sup> of the argument.
   */
  GELUS,
  /**
   * Scores that are divided by a number or multiplied with one, a mask that is added, and Softmax along the
   * last axis become one, {@link dev.octet.op.Softmax}, and so does QuantizeLinear behind them. Probabilities
   * differ by some units of the last place for each unit that scores are below the largest, integers of them
   * by 1.
   */
  MASKED_SOFTMAXES,
  /**
   * MatMul by a constant matrix and Add of a constant row become one product, whose sums begin with the row.
   * Results differ by some units of the last place of the largest product in a sum.
   */
  PRODUCT_BIASES,
  /**
   * MatMul of two inputs of the run, and transpositions before and behind it, become one product of matrices
   * where they lie, {@link dev.octet.op.Sgemm}.
   */
  TRANSPOSED_PRODUCTS,
  /**
   * Nodes that compute float by float, all of one shape, become one where others read only the last result.
   */
  FLOAT_CHAINS,
  /**
   * Functions of a float between DequantizeLinear and QuantizeLinear, as Sigmoid, HardSwish, LeakyRelu, Relu
   * or a chain of such nodes, become a table of 256 integers, {@link dev.octet.op.Lookup}.
   */
  QUANTIZED_FUNCTIONS,
  /**
   * Images of integers keep their channels last from one node of integers to the next, and are transposed
   * where they come in and go out.
   */
  CHANNELS_LAST;

  Pass pass() {
    return switch (this) {
      case INTEGER_OPERATORS -> new IntegerOperators();
      case INTEGER_PRODUCTS -> new IntegerProducts();
      case DYNAMIC_PRODUCTS -> new DynamicProducts();
      case INTEGER_CONVOLUTIONS -> new IntegerConvolutions();
      case DYNAMIC_CONVOLUTIONS -> new DynamicConvolutions();
      case QUANTIZED_MOVES -> new QuantizedMoves();
      case QUANTIZED_CONVOLUTIONS -> new QuantizedConvolutions();
      case QUANTIZED_PRODUCTS -> new QuantizedProducts();
      case QUANTIZED_BATCH_PRODUCTS -> new QuantizedBatchProducts();
      case QUANTIZED_ARITHMETIC -> new QuantizedArithmetic();
      case QUANTIZED_POOLS -> new QuantizedPools();
      case QUANTIZED_CONCATENATIONS -> new QuantizedConcatenations();
      case QUANTIZED_SOFTMAXES -> new QuantizedSoftmaxes();
      case QUANTIZED_COLUMNS -> new QuantizedColumns();
      case BATCH_NORMALIZATIONS -> new BatchNormalizations();
      case LAYER_NORMS -> new LayerNorms();
      case GELUS -> new Gelus();
      case MASKED_SOFTMAXES -> new MaskedSoftmaxes();
      case PRODUCT_BIASES -> new ProductBiases();
      case TRANSPOSED_PRODUCTS -> new TransposedProducts();
      case FLOAT_CHAINS -> new FloatChains();
      case QUANTIZED_FUNCTIONS -> new QuantizedFunctions();
      case CHANNELS_LAST -> new ChannelsLast();
    };
  }
}
