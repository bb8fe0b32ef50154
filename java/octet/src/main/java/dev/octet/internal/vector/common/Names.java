package dev.octet.internal.vector.common;

import dev.octet.DataType;
import dev.octet.Quantization.Granularity;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.engine.BlockMatMulSpec;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.MatMulSpec;
import dev.octet.engine.MatrixWeights;
import java.util.Locale;

/** Kernels as an op shows them: types, granularity, op, and the form of the inner loops. */
public final class Names {
  private Names() {}

  /** {@code vector:u8s8_s8_pc_matmul__simd512}. */
  public static String matMul(MatMulSpec spec) {
    return name(spec.input().type(), spec.weights().type(), spec.output().type(),
        granularity(spec.weights()) + "_matmul");
  }

  /** {@code vector:f32s4_f32_g32_dynamic__simd512}. */
  public static String floatMatMul(FloatMatMulSpec spec, String op) {
    return name(DataType.F32, spec.weights().type(), DataType.F32, granularity(spec.weights()) + "_" + op);
  }

  /** {@code vector:f32q4_k_f32_dynamic__simd512}. */
  public static String blockMatMul(BlockMatMulSpec spec, String op) {
    return "vector:" + spec.kernelName(op) + Form.suffix();
  }

  /** {@code vector:u8s8_f32_batch__simd512}. */
  public static String batchMatMul(BatchMatMulSpec spec) {
    return name(spec.left().type(), spec.right().type(), spec.output().type(), "batch");
  }

  /** {@code vector:u8s8_u8_pc_conv__simd512}. */
  public static String conv(Conv2dSpec spec, String way) {
    boolean perTensor = spec.weights().quantization().granularity() == Granularity.PER_TENSOR;
    return name(spec.input().type(), spec.weights().type(), spec.output().type(),
        (perTensor ? "pt_" : "pc_") + way);
  }

  private static String name(DataType left, DataType right, DataType output, String op) {
    return ("vector:" + left + right + "_" + output + "_" + op).toLowerCase(Locale.ROOT) + Form.suffix();
  }

  private static String granularity(MatrixWeights weights) {
    return switch (weights.quantization().granularity()) {
      case PER_TENSOR -> "pt";
      case PER_CHANNEL -> "pc";
      case PER_GROUP -> "g" + weights.groupSize();
    };
  }
}
