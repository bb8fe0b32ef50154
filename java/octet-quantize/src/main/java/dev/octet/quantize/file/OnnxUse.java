package dev.octet.quantize.file;

import java.util.List;

/**
 * What the axes of a constant mean to a node that multiplies with it or looks its rows up: one table of
 * operators. Axes below 0 count from the end.
 *
 * @param input which input of the node the weight is
 * @param output the axis of its output features
 * @param summed the one axis that is summed over; {@link #SEVERAL} where there is none, or more than one
 */
record OnnxUse(int input, int output, int summed) {
  static final int SEVERAL = Integer.MIN_VALUE;

  /** The weights of a node; empty for operators that have none, or are not known. */
  static List<OnnxUse> of(OnnxNode node) {
    if (node.isOpen()) {
      return List.of();
    }
    return switch (node.op) {
      // The right side is [..][in][out], the left one [..][out][in].
      case "MatMul", "MatMulInteger" -> List.of(right(1, false), left(0, false));
      case "Gemm", "FusedGemm" -> List.of(right(1, is(node, "transB")), left(0, is(node, "transA")));
      case "FusedMatMul" -> is(node, "transBatchA") || is(node, "transBatchB")
          ? List.of()
          : List.of(right(1, is(node, "transB")), left(0, is(node, "transA")));
      case "QLinearMatMul" -> List.of(right(3, false), left(0, false));
      case "QGemm" -> List.of(right(3, is(node, "transB")), left(0, is(node, "transA")));
      case "DynamicQuantizeMatMul", "MatMulIntegerToFloat", "Attention", "QAttention" ->
        List.of(right(1, false));
      // [out][in/g][kh][kw]
      case "Conv", "FusedConv", "NhwcFusedConv", "ConvInteger", "DeformConv" ->
        List.of(new OnnxUse(1, 0, SEVERAL));
      case "QLinearConv" -> List.of(new OnnxUse(3, 0, SEVERAL));
      // [in][out/g][kh][kw]
      case "ConvTranspose" -> List.of(new OnnxUse(1, 1, SEVERAL));
      // [directions][gates * hidden][in]
      case "LSTM", "GRU", "RNN" -> List.of(new OnnxUse(1, 1, 2), new OnnxUse(2, 1, 2));
      // [directions][in][gates * hidden]
      case "DynamicQuantizeLSTM" -> List.of(new OnnxUse(1, 2, 1), new OnnxUse(2, 2, 1));
      // A table of rows.
      case "Gather" -> List.of(new OnnxUse(0, node.integer("axis", 0), SEVERAL));
      case "EmbedLayerNormalization" -> List.of(new OnnxUse(2, 0, SEVERAL), new OnnxUse(3, 0, SEVERAL),
          new OnnxUse(4, 0, SEVERAL));
      // [experts][out][in]
      case "MoE" -> List.of(new OnnxUse(2, 1, 2), new OnnxUse(4, 1, 2), new OnnxUse(6, 1, 2));
      default -> List.of();
    };
  }

  private static boolean is(OnnxNode node, String key) {
    return node.integer(key, 0) != 0;
  }

  private static OnnxUse right(int input, boolean turned) {
    return turned ? new OnnxUse(input, -2, -1) : new OnnxUse(input, -1, -2);
  }

  private static OnnxUse left(int input, boolean turned) {
    return turned ? new OnnxUse(input, -1, -2) : new OnnxUse(input, -2, -1);
  }

  /** The axes in the constant itself; null where it has too few. */
  WeightAxes axes(OnnxValues.Source source, int stored) {
    int rank = source.rank(stored);
    int out = output < 0 ? output + rank : output;
    int in = summed == SEVERAL ? WeightAxes.NONE : summed < 0 ? summed + rank : summed;
    if (stored < 2 || out < 0 || out >= rank || in >= rank) {
      return null;
    }
    int output = source.stored(out, stored);
    if (output == WeightAxes.NONE) {
      return null;
    }
    int input = in == WeightAxes.NONE ? WeightAxes.NONE : source.stored(in, stored);
    return input == WeightAxes.NONE || input == output
        ? WeightAxes.of(output, stored)
        : new WeightAxes(output, input);
  }
}
