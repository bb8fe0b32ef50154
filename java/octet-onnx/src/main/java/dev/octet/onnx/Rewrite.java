package dev.octet.onnx;

import dev.octet.onnx.internal.pass.DynamicProducts;
import dev.octet.onnx.internal.pass.Gelus;
import dev.octet.onnx.internal.pass.IntegerProducts;
import dev.octet.onnx.internal.pass.LayerNorms;
import dev.octet.onnx.internal.pass.Pass;

/** Names what {@link OnnxModel#prepare} rewrites a graph to. None of them changes a bit of a result. */
public enum Rewrite {
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
  /** The nodes of a layer norm along the last axis become one. */
  LAYER_NORMS,
  /** The nodes of GELU with the error function become one. */
  GELUS;

  Pass pass() {
    return switch (this) {
      case INTEGER_PRODUCTS -> new IntegerProducts();
      case DYNAMIC_PRODUCTS -> new DynamicProducts();
      case LAYER_NORMS -> new LayerNorms();
      case GELUS -> new Gelus();
    };
  }
}
