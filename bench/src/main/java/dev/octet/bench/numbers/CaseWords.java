package dev.octet.bench.numbers;

import dev.octet.DataType;
import dev.octet.harness.shape.BatchShape;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.BenchOp;
import dev.octet.harness.shape.ConvShape;
import dev.octet.harness.shape.Form;
import dev.octet.harness.shape.MatMulShape;
import dev.octet.harness.shape.PoolShape;
import dev.octet.harness.shape.RowsShape;
import java.util.Locale;

/** Cases as people write them. */
final class CaseWords {
  private CaseWords() {}

  static String of(BenchCase benchCase) {
    return switch (benchCase.shape()) {
      case MatMulShape shape -> shape + ", " + product(benchCase);
      case BatchShape shape ->
        shape.batch() + " times " + shape.m() + "x" + shape.k() + "x" + shape.n() + ", "
            + product(benchCase);
      case ConvShape shape -> "conv " + conv(shape) + ", " + product(benchCase);
      case PoolShape shape -> (benchCase.op() == BenchOp.MAX_POOL ? "max" : "average") + " pool "
          + shape.height() + "x" + shape.width() + ", " + shape.channels() + " channels, " + shape.kernel()
          + "x" + shape.kernel() + " stride " + shape.stride() + ", " + elements(benchCase.form());
      case RowsShape shape -> benchCase.op() + " " + shape + ", " + elements(benchCase.form());
    };
  }

  private static String product(BenchCase benchCase) {
    Form form = benchCase.form();
    if (form.isFloat()) {
      return "f32";
    }
    String weights = word(form.weights())
        + (form.groupSize() == 0 ? "" : " in groups of " + form.groupSize());
    if (form.source() == DataType.F32) {
      return benchCase.op() == BenchOp.WEIGHT_ONLY
          ? "f32 x " + weights
          : "f32, rows quantized on the fly, x " + weights;
    }
    return word(form.source()) + " x " + weights + " -> " + word(form.destination());
  }

  private static String conv(ConvShape shape) {
    boolean depthwise = shape.groups() == shape.channels() && shape.groups() > 1;
    return shape.height() + "x" + shape.width() + ", "
        + (depthwise
            ? shape.channels() + " channels, depthwise "
            : shape.channels() + " -> " + shape.outChannels() + ", ")
        + shape.kernel() + "x" + shape.kernel() + (shape.stride() == 1 ? "" : " stride " + shape.stride());
  }

  private static String elements(Form form) {
    return form.types().size() == 3
        ? word(form.source()) + ", " + word(form.weights()) + " -> " + word(form.destination())
        : word(form.source()) + " -> " + word(form.destination());
  }

  private static String word(DataType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }
}
