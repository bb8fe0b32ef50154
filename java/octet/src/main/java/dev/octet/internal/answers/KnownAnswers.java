package dev.octet.internal.answers;

import dev.octet.BinaryOp;
import dev.octet.BlockFormat;
import dev.octet.CoordinateMode;
import dev.octet.DataType;
import dev.octet.GeluForm;
import dev.octet.NearestMode;
import dev.octet.Quantization.Granularity;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.engine.BinarySpec;
import dev.octet.engine.BlockMatMulSpec;
import dev.octet.engine.BlockWeights;
import dev.octet.engine.ConcatSpec;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.Conv3dSpec;
import dev.octet.engine.ConvTranspose2dSpec;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.MatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.engine.PadSpec;
import dev.octet.engine.PoolSpec;
import dev.octet.engine.QuantizeSpec;
import dev.octet.engine.RequantizeSpec;
import dev.octet.engine.ResizeSpec;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The answers that stand for a kernel that an engine has been asked for: of the same op, with the types and
 * kinds of parameters of its spec, over sizes of our own.
 *
 * @param kind the op and all that the answers depend on: those of one kind are the same
 * @param answers makes them, in an order that does not change
 */
public record KnownAnswers(List<?> kind, Supplier<List<Answer<?>>> answers) {
  /**
   * Returns those for a call.
   *
   * @param op the method of {@link dev.octet.engine.Backend} that was called
   * @param arguments its arguments
   * @return what to compare
   */
  public static KnownAnswers of(String op, Object... arguments) {
    Object argument = arguments.length == 0 ? op : arguments[0];
    return switch (argument) {
      case MatMulSpec spec -> {
        DataType from = spec.input().type();
        DataType weights = spec.weights().type();
        DataType to = spec.output().type();
        boolean inexact = spec.inexactEpilogue();
        yield known(() -> ProductAnswers.matMul(from, weights, to, inexact), op, from, weights, to, inexact);
      }
      case FloatMatMulSpec spec -> {
        DataType weights = spec.weights().type();
        boolean grouped = isGrouped(spec.weights());
        boolean perTensor = spec.perTensor();
        yield known(op.equals("dynamicMatMul")
            ? () -> ProductAnswers.dynamic(weights, grouped, perTensor)
            : () -> ProductAnswers.weightOnly(weights, grouped), op, weights, grouped, perTensor);
      }
      case BlockMatMulSpec spec -> {
        List<BlockFormat> formats = spec.weights().stream().map(BlockWeights::format).toList();
        yield known(op.equals("blockMatMul")
            ? () -> ProductAnswers.blocks(formats)
            : () -> ProductAnswers.blockWeightOnly(formats), op, formats);
      }
      case BatchMatMulSpec spec -> {
        DataType left = spec.left().type();
        DataType right = spec.right().type();
        DataType to = spec.output().type();
        yield known(() -> ProductAnswers.batch(left, right, to), op, left, right, to);
      }
      case Conv2dSpec spec -> {
        DataType from = spec.input().type();
        boolean atRun = spec.input().atRun();
        DataType weights = spec.weights().type();
        DataType to = spec.output().type();
        boolean inexact = spec.inexactEpilogue();
        yield op.equals("dynamicConv2d")
            ? known(() -> ConvolutionAnswers.dynamicConv2d(weights), op, weights)
            : known(() -> ConvolutionAnswers.conv2d(from, atRun, weights, to, inexact), op, from, atRun,
                weights, to,
                inexact);
      }
      case ConvTranspose2dSpec spec -> {
        DataType from = spec.input().type();
        DataType weights = spec.weights().type();
        DataType to = spec.output().type();
        yield known(() -> ConvolutionAnswers.convTranspose2d(from, weights, to), op, from, weights, to);
      }
      case Conv3dSpec spec -> {
        DataType from = spec.input().type();
        DataType weights = spec.weights().type();
        DataType to = spec.output().type();
        yield known(() -> ConvolutionAnswers.conv3d(from, weights, to), op, from, weights, to);
      }
      case QuantizeSpec spec -> {
        DataType type = spec.type();
        boolean grouped = spec.quantization().granularity() == Granularity.PER_GROUP;
        yield known(op.equals("quantize")
            ? () -> ElementAnswers.quantize(type, grouped)
            : () -> ElementAnswers.dequantize(type, grouped), op, type, grouped);
      }
      case RequantizeSpec spec -> {
        DataType to = spec.output().type();
        yield known(() -> ElementAnswers.requantize(to), op, to);
      }
      case BinarySpec spec -> {
        BinaryOp what = spec.op();
        DataType type = spec.type();
        yield known(() -> ElementAnswers.binary(what, type), op, what, type);
      }
      case ConcatSpec spec -> {
        DataType to = spec.output().type();
        List<DataType> types = spec.inputs().stream().map(ActivationSpec::type).toList();
        List<Boolean> copied = IntStream.range(0, types.size()).mapToObj(i -> spec.table(i) == null).toList();
        yield known(() -> ElementAnswers.concat(types, copied, to), op, types, copied, to);
      }
      case PoolSpec spec -> {
        PoolSpec.Kind kind = spec.kind();
        DataType type = spec.input().type();
        boolean counts = spec.countPadding();
        yield known(() -> ImageAnswers.pool(kind, type, counts), op, kind, type, counts);
      }
      case PadSpec spec -> {
        DataType type = spec.type();
        yield known(() -> ImageAnswers.pad(type), op, type);
      }
      case ResizeSpec spec -> {
        DataType type = spec.type();
        NearestMode nearest = spec.nearest();
        CoordinateMode rows = spec.vertical().coordinates();
        CoordinateMode columns = spec.horizontal().coordinates();
        yield known(() -> ImageAnswers.resize(type, nearest, rows, columns), op, type, nearest, rows,
            columns);
      }
      case GeluForm form -> known(() -> ElementAnswers.gelu(form), op, form);
      default -> known(op);
    };
  }

  /** Ops of one kind. */
  private static KnownAnswers known(String op) {
    return known(switch (op) {
      case "sgemm" -> ProductAnswers::sgemm;
      case "dynamicQuantize" -> ElementAnswers::dynamicQuantize;
      case "lookup" -> ElementAnswers::lookup;
      case "softmax" -> ElementAnswers::softmax;
      case "layerNorm" -> ElementAnswers::layerNorm;
      case "transpose" -> ImageAnswers::transpose;
      default -> throw new AssertionError("no known answers for " + op);
    }, op);
  }

  private static KnownAnswers known(Supplier<List<Answer<?>>> answers, Object... kind) {
    return new KnownAnswers(Arrays.asList(kind), answers);
  }

  private static boolean isGrouped(MatrixWeights weights) {
    return weights.quantization().granularity() == Granularity.PER_GROUP;
  }
}
