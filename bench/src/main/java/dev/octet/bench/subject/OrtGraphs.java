package dev.octet.bench.subject;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.harness.shape.BatchShape;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.BenchOp;
import dev.octet.harness.shape.ConvShape;
import dev.octet.harness.shape.Form;
import dev.octet.harness.shape.MatMulShape;
import dev.octet.harness.shape.PoolShape;
import dev.octet.harness.shape.RowsShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** The cases as ONNX Runtime computes them fastest, each by one operator. */
final class OrtGraphs {
  /** A tensor given to or taken from a session. */
  record Operand(String name, DataType type, MemorySegment data, long... shape) {}

  /**
   * A case.
   *
   * @param op the operator
   * @param graph the model
   * @param inputs its inputs
   * @param outputs its outputs
   * @param result the output in the order that all peers share
   */
  record Model(String op, OnnxGraph graph, List<Operand> inputs, List<Operand> outputs,
      Supplier<MemorySegment> result) {}

  private final BenchCase benchCase;
  private final Form form;
  private final Inputs inputs;
  private final Arena arena;

  private OrtGraphs(BenchCase benchCase, Inputs inputs, Arena arena) {
    this.benchCase = benchCase;
    this.form = benchCase.form();
    this.inputs = inputs;
    this.arena = arena;
  }

  static Model model(BenchCase benchCase, Inputs inputs, Arena arena) {
    OrtGraphs graphs = new OrtGraphs(benchCase, inputs, arena);
    return switch (benchCase.shape()) {
      case MatMulShape shape -> graphs.matMul(shape);
      case BatchShape shape -> graphs.batch(shape);
      case ConvShape shape -> graphs.form.isFloat() ? graphs.floatConv(shape) : graphs.conv(shape);
      case PoolShape shape -> graphs.pool(shape);
      case RowsShape shape -> graphs.elementWise(shape);
    };
  }

  private Model matMul(MatMulShape shape) {
    if (form.groupSize() > 0) {
      return nBits(shape);
    }
    if (form.isFloat()) {
      return product("MatMul", OnnxGraph.standard("MatMul"), shape, graph -> weights(graph, shape));
    }
    if (form.source() == F32) {
      return product("DynamicQuantizeMatMul", OnnxGraph.microsoft("DynamicQuantizeMatMul"), shape,
          graph -> weights(graph, shape).floats(inputs.weightScales()).integers(S8, 0, shape.n()));
    }
    if (!form.requantized()) {
      return product("MatMulInteger", OnnxGraph.standard("MatMulInteger"), shape,
          graph -> weights(graph, shape));
    }
    // QLinearMatMul has no bias.
    return product("QGemm", OnnxGraph.microsoft("QGemm"), shape,
        graph -> weights(graph.floats(Inputs.SOURCE_SCALE).integers(form.source(), 0, 1), shape)
            .floats(inputs.weightScales()).integers(S8, 0, shape.n())
            .constant(S32, MemorySegment.ofArray(inputs.bias()), shape.n()).floats(inputs.productScale())
            .integers(form.destination(), 0, 1));
  }

  private OnnxGraph weights(OnnxGraph graph, MatMulShape shape) {
    return graph.constant(form.weights(), inputs.weights(arena), shape.k(), shape.n());
  }

  private Model product(String op, OnnxGraph graph, MatMulShape shape,
      UnaryOperator<OnnxGraph> operands) {
    Operand x = new Operand("x", form.source(), inputs.source(arena, 0), shape.m(), shape.k());
    Operand y = new Operand("y", form.destination(), inputs.destination(arena), shape.m(), shape.n());
    return model(op, operands.apply(input(graph, x)), x, y);
  }

  private static OnnxGraph input(OnnxGraph graph, Operand operand) {
    return graph.input(operand.name, operand.type, operand.shape);
  }

  private static Model model(String op, OnnxGraph graph, Operand x, Operand y) {
    return new Model(op, graph.output(y.name, y.type, y.shape), List.of(x), List.of(y), () -> y.data);
  }

  /** No operator takes a right operand {@code [N][K]}: it is turned beforehand. */
  private Model batch(BatchShape shape) {
    if (!form.isFloat() && form.destination() != S32) {
      throw new UnsupportedOperationException("ONNX Runtime has no batched product with scales for each row");
    }
    MemorySegment right = inputs.weights(arena);
    if (benchCase.op() == BenchOp.BATCH_TURNED) {
      MemorySegment turned = arena.allocate(right.byteSize(), 64);
      Matrices.transpose(right, turned, form.weights().bits() / 8, shape.batch(), shape.n(), shape.k());
      right = turned;
    }
    Operand a = new Operand("a", form.source(), inputs.source(arena, 0), shape.batch(), shape.m(), shape.k());
    Operand b = new Operand("b", form.weights(), right, shape.batch(), shape.k(), shape.n());
    Operand y = new Operand("y", form.destination(), inputs.destination(arena), shape.batch(), shape.m(),
        shape.n());
    String op = form.isFloat() ? "MatMul" : "MatMulInteger";
    OnnxGraph graph = input(input(OnnxGraph.standard(op), a), b).output(y.name, y.type, y.shape);
    return new Model(op, graph, List.of(a, b), List.of(y), () -> y.data);
  }

  /**
   * Weights by output feature, S8 as U8 with zero point 128, S4 as U4 with zero point 8; 8-bit arithmetic
   * inside where asked (level 4), else float.
   */
  private Model nBits(MatMulShape shape) {
    int size = form.groupSize();
    int groups = Math.ceilDiv(shape.k(), size);
    MemorySegment weights = inputs.weights(arena);
    int bits = form.weights().bits();
    MemorySegment packed = arena.allocate((long) shape.n() * groups * size * bits / 8);
    float[] scales = inputs.weightScales();
    float[] turned = new float[scales.length];
    for (int n = 0; n < shape.n(); n++) {
      for (int k = 0; k < groups * size; k++) {
        long index = (long) k * shape.n() + n;
        long at = (long) n * groups * size + k;
        if (bits == 8) {
          packed.set(JAVA_BYTE, at, (byte) (k < shape.k() ? weights.get(JAVA_BYTE, index) ^ 0x80 : 0x80));
        } else {
          int nibble = k < shape.k() ? weights.get(JAVA_BYTE, index / 2) >> (4 * (index % 2)) & 0xf : 0;
          packed.set(JAVA_BYTE, at / 2,
              (byte) (packed.get(JAVA_BYTE, at / 2) | (nibble ^ 8) << (4 * (at % 2))));
        }
      }
      for (int g = 0; g < groups; g++) {
        turned[n * groups + g] = scales[g * shape.n() + n];
      }
    }
    int level = benchCase.op() == BenchOp.WEIGHT_ONLY ? 0 : 4;
    return product("MatMulNBits accuracy_level " + level,
        OnnxGraph.microsoft("MatMulNBits").attribute("K", shape.k())
            .attribute("N", shape.n()).attribute("bits", bits).attribute("block_size", size)
            .attribute("accuracy_level", level),
        shape,
        graph -> graph.constant(U8, packed, shape.n(), groups, size * bits / 8).floats(turned));
  }

  /**
   * ONNX Runtime's own QLinearConv takes NHWC, so that nothing has to be turned at the borders of a single
   * node.
   */
  private Model conv(ConvShape shape) {
    Operand x = new Operand("x", form.source(), inputs.source(arena, 0), shape.batch(), shape.height(),
        shape.width(),
        shape.channels());
    Operand y = new Operand("y", form.destination(), inputs.destination(arena), shape.batch(),
        shape.outHeight(),
        shape.outWidth(), shape.outChannels());
    OnnxGraph graph = input(OnnxGraph.microsoft("QLinearConv").attribute("channels_last", 1), x)
        .floats(Inputs.SOURCE_SCALE).integers(form.source(), 0, 1);
    graph = oihw(graph, shape).floats(inputs.weightScales()).integers(S8, 0, shape.outChannels())
        .floats(inputs.productScale()).integers(form.destination(), 0, 1)
        .constant(S32, MemorySegment.ofArray(inputs.bias()), shape.outChannels());
    return model("QLinearConv", window(graph, shape), x, y);
  }

  /** NCHW, as ONNX has it; NCHW is made of NHWC here, and the result turned back. */
  private Model floatConv(ConvShape shape) {
    int pixels = shape.height() * shape.width();
    int outPixels = shape.outHeight() * shape.outWidth();
    MemorySegment nchw = arena.allocate(4 * shape.sourceElements(), 64);
    Matrices.transpose(inputs.source(arena, 0), nchw, 4, shape.batch(), pixels, shape.channels());
    MemorySegment nhwc = arena.allocate(4 * shape.destinationElements(), 64);
    Operand x = new Operand("x", F32, nchw, shape.batch(), shape.channels(), shape.height(), shape.width());
    Operand y = new Operand("y", F32, inputs.destination(arena), shape.batch(), shape.outChannels(),
        shape.outHeight(), shape.outWidth());
    OnnxGraph graph = window(oihw(input(OnnxGraph.standard("Conv"), x), shape), shape).output(y.name, F32,
        y.shape);
    return new Model("Conv", graph, List.of(x), List.of(y), () -> {
      Matrices.transpose(y.data, nhwc, 4, shape.batch(), shape.outChannels(), outPixels);
      return nhwc;
    });
  }

  /** By ONNX Runtime's own operators, which take NHWC. */
  private Model pool(PoolShape shape) {
    Operand x = new Operand("x", form.source(), inputs.source(arena, 0), shape.batch(), shape.height(),
        shape.width(), shape.channels());
    Operand y = new Operand("y", form.destination(), inputs.destination(arena), shape.batch(),
        shape.outHeight(), shape.outWidth(), shape.channels());
    boolean max = benchCase.op() == BenchOp.MAX_POOL;
    String op = max ? "NhwcMaxPool" : "QLinearAveragePool";
    OnnxGraph graph = input(OnnxGraph.microsoft(op), x);
    if (!max) {
      graph = parameters(parameters(graph, ElementWise.REAL, x.type), ElementWise.REAL, y.type)
          .attribute("channels_last", 1);
    }
    return model(op, window(graph, shape.kernel(), shape.stride(), shape.padding()), x, y);
  }

  private OnnxGraph oihw(OnnxGraph graph, ConvShape shape) {
    int bytes = form.weights().bits() / 8;
    MemorySegment turned = arena.allocate(bytes * shape.weightElements(), 64);
    Matrices.transpose(inputs.weights(arena), turned, bytes, shape.outChannels(),
        shape.kernel() * shape.kernel(),
        shape.channelsPerGroup());
    return graph.constant(form.weights(), turned, shape.outChannels(), shape.channelsPerGroup(),
        shape.kernel(),
        shape.kernel());
  }

  private static OnnxGraph window(OnnxGraph graph, ConvShape shape) {
    return window(graph, shape.kernel(), shape.stride(), shape.padding())
        .attributes("dilations", shape.dilation(), shape.dilation()).attribute("group", shape.groups());
  }

  private static OnnxGraph window(OnnxGraph graph, int kernel, int stride, int padding) {
    return graph.attributes("kernel_shape", kernel, kernel).attributes("strides", stride, stride)
        .attributes("pads", padding, padding, padding, padding);
  }

  private Model elementWise(RowsShape shape) {
    Operand x = new Operand("x", form.source(), inputs.source(arena, 0), shape.rows(), shape.columns());
    Operand y = new Operand("y", form.destination(), inputs.destination(arena), shape.rows(),
        shape.columns());
    return switch (benchCase.op()) {
      case QUANTIZE -> model("QuantizeLinear", parameters(input(OnnxGraph.standard("QuantizeLinear"), x),
          ElementWise.REAL, y.type), x, y);
      case DEQUANTIZE ->
        model("DequantizeLinear", parameters(input(OnnxGraph.standard("DequantizeLinear"), x),
            ElementWise.REAL, x.type), x, y);
      case DYNAMIC_QUANTIZE -> {
        Operand scale = new Operand("scale", F32, arena.allocate(4, 4));
        Operand zeroPoint = new Operand("zero_point", U8, arena.allocate(1));
        OnnxGraph graph = input(OnnxGraph.standard("DynamicQuantizeLinear"), x).output(y.name, U8, y.shape)
            .output(scale.name, F32).output(zeroPoint.name, U8);
        yield new Model("DynamicQuantizeLinear", graph, List.of(x), List.of(y, scale, zeroPoint),
            () -> y.data);
      }
      case ADD -> binary("QLinearAdd", ElementWise.SUM, shape, x, y);
      case MULTIPLY -> binary("QLinearMul", ElementWise.PRODUCT, shape, x, y);
      case LOOKUP -> model("QLinearSigmoid",
          parameters(parameters(input(OnnxGraph.microsoft("QLinearSigmoid"), x), ElementWise.LOGIT, x.type),
              ElementWise.PROBABILITY, y.type),
          x, y);
      default ->
        throw new UnsupportedOperationException("ONNX Runtime has no operator for " + benchCase.op());
    };
  }

  private Model binary(String node, Quantization result, RowsShape shape, Operand x, Operand y) {
    Operand other = new Operand("b", form.weights(), inputs.source(arena, 1), shape.rows(),
        shape.columns());
    OnnxGraph graph = parameters(input(OnnxGraph.microsoft(node), x), ElementWise.LEFT, x.type);
    graph = parameters(input(graph, other), ElementWise.RIGHT, other.type);
    graph = parameters(graph, result, y.type).output(y.name, y.type, y.shape);
    return new Model(node, graph, List.of(x, other), List.of(y), () -> y.data);
  }

  private static OnnxGraph parameters(OnnxGraph graph, Quantization quantization, DataType type) {
    return graph.floats(quantization.scale(0)).integers(type, quantization.zeroPoint(0), 1);
  }
}
