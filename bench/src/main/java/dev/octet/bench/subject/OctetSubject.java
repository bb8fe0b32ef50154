package dev.octet.bench.subject;

import static dev.octet.Quantization.perChannel;
import static dev.octet.Quantization.perGroup;
import static dev.octet.Quantization.perTensor;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.harness.shape.BatchShape;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.BenchOp;
import dev.octet.harness.shape.ConvShape;
import dev.octet.harness.shape.Form;
import dev.octet.harness.shape.MatMulShape;
import dev.octet.harness.shape.Peer;
import dev.octet.harness.shape.PoolShape;
import dev.octet.harness.shape.RowsShape;
import dev.octet.op.Activation;
import dev.octet.op.BatchArguments;
import dev.octet.op.BatchMatMul;
import dev.octet.op.Binary;
import dev.octet.op.Conv2d;
import dev.octet.op.Dequantize;
import dev.octet.op.DynamicMatMul;
import dev.octet.op.DynamicQuantize;
import dev.octet.op.Lookup;
import dev.octet.op.MatMul;
import dev.octet.op.Op;
import dev.octet.op.PackedWeights;
import dev.octet.op.Pool;
import dev.octet.op.Quantize;
import dev.octet.op.Requantize;
import dev.octet.op.WeightOnlyMatMul;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** Octet, forced to one engine, through its public API as a user would write it. */
final class OctetSubject implements Subject {
  private final Octet octet;
  private final Arena arena = Arena.ofConfined();
  private final BenchCase benchCase;
  private final Inputs inputs;
  private final Form form;
  private final MemorySegment output;
  private PackedWeights mapped;
  private Op op;
  private Runnable body;
  private Supplier<Runnable> callers;

  private OctetSubject(BenchCase benchCase, Inputs.Weights weights) {
    this.benchCase = benchCase;
    this.form = benchCase.form();
    this.inputs = new Inputs(benchCase, weights);
    this.output = inputs.destination(arena);
    this.octet = Octet.builder().engine(benchCase.peer().engine()).isa(benchCase.peer().isa())
        .threads(benchCase.threads()).open();
  }

  static OctetSubject open(BenchCase benchCase, Inputs.Weights weights) {
    OctetSubject subject = new OctetSubject(benchCase, weights);
    try {
      subject.prepare();
      if (subject.op.engine() != benchCase.peer().engine()) {
        throw new IllegalStateException(benchCase + ": ran on " + subject.op.engine());
      }
      return subject;
    } catch (RuntimeException | Error e) {
      subject.close();
      throw e;
    }
  }

  private void prepare() {
    switch (benchCase.op()) {
      case MATMUL -> {
        MatMulShape shape = (MatMulShape) benchCase.shape();
        if (form.source().isByte()) {
          matMul(shape);
        } else {
          dynamicMatMul(shape);
        }
      }
      case BATCH, BATCH_TURNED -> batch((BatchShape) benchCase.shape());
      case PACK, PACK_TURNED -> pack((RowsShape) benchCase.shape());
      case WEIGHT_ONLY -> weightOnly((MatMulShape) benchCase.shape());
      case CONV -> conv((ConvShape) benchCase.shape());
      case MAX_POOL, AVERAGE_POOL -> pool((PoolShape) benchCase.shape());
      default -> elementWise((RowsShape) benchCase.shape());
    }
  }

  /** An op with two operands; whatever it is, what a run calls is bound here. */
  private void bind(Op prepared, Runnable run) {
    this.op = prepared;
    this.body = run;
  }

  private boolean inexact() {
    return benchCase.peer() == Peer.OCTET_ONEDNN_FUSED;
  }

  /** A static product whose packed weights lie in a file. */
  static OctetSubject openMapped(BenchCase benchCase, Path file) {
    OctetSubject subject = new OctetSubject(benchCase, Inputs.Weights.FULL);
    try {
      subject.mapped = subject.octet.map(file);
      subject.prepare();
      return subject;
    } catch (RuntimeException | Error e) {
      subject.close();
      throw e;
    }
  }

  /** Writes the packed weights of a static product to a file. */
  static void writePacked(BenchCase benchCase, Path file) throws IOException {
    try (OctetSubject subject = new OctetSubject(benchCase, Inputs.Weights.FULL);
        PackedWeights packed = subject.octet.pack(subject.weights((MatMulShape) benchCase.shape()),
            WeightLayout.IN_OUT)) {
      packed.writeTo(file);
    }
  }

  private void matMul(MatMulShape shape) {
    MatMul.Builder builder = octet.matMul().input(form.source(), perTensor(Inputs.SOURCE_SCALE, 0));
    if (mapped == null) {
      builder.weights(weights(shape), WeightLayout.IN_OUT);
    } else {
      builder.weights(mapped);
    }
    if (form.requantized()) {
      builder.bias(inputs.bias()).output(form.destination(), perTensor(inputs.productScale(), 0));
    } else {
      builder.outputS32();
    }
    if (inexact()) {
      builder.allowInexactEpilogue();
    }
    MatMul prepared = builder.prepare();
    MemorySegment x = inputs.source(arena, 0);
    bind(prepared, () -> prepared.run(x, output, shape.m()));
    this.callers = () -> {
      MemorySegment in = inputs.source(Arena.ofAuto(), 0);
      MemorySegment out = inputs.destination(Arena.ofAuto());
      return () -> prepared.run(in, out, shape.m());
    };
  }

  private void dynamicMatMul(MatMulShape shape) {
    DynamicMatMul prepared = octet.dynamicMatMul().weights(weights(shape), WeightLayout.IN_OUT).prepare();
    MemorySegment x = inputs.source(arena, 0);
    bind(prepared, () -> prepared.run(x, output, shape.m()));
  }

  private void batch(BatchShape shape) {
    BatchMatMul.Builder builder = octet.batchMatMul().left(form.source()).right(form.weights());
    if (benchCase.op() == BenchOp.BATCH_TURNED) {
      builder.rightTransposed();
    }
    boolean integers = form.destination() == DataType.S32;
    BatchMatMul prepared = (integers ? builder.outputS32() : builder.outputF32()).prepare();
    MemorySegment left = inputs.source(arena, 0);
    MemorySegment right = inputs.weights(arena);
    float[] rows = new float[shape.batch() * shape.m()];
    Arrays.fill(rows, Inputs.SOURCE_SCALE);
    MemorySegment leftScales = integers ? null : arena.allocateFrom(ValueLayout.JAVA_FLOAT, rows);
    MemorySegment rightScales = integers
        ? null
        : arena.allocateFrom(ValueLayout.JAVA_FLOAT, inputs.weightScales());
    BatchArguments arguments = new BatchArguments().sizes(shape.batch(), shape.m(), shape.k(), shape.n())
        .left(left, leftScales, null).right(right, rightScales, null).out(output);
    bind(prepared, () -> prepared.run(arguments));
  }

  /** What is timed is prepare(): the rows are those of {@code [K][N]}, or of {@code [N][K]}. */
  private void pack(RowsShape shape) {
    boolean turned = benchCase.op() == BenchOp.PACK_TURNED;
    MemorySegment bytes = inputs.source(arena, 0);
    QTensor weights = QTensor.of(form.weights(), Shape.of(shape.rows(), shape.columns()), perTensor(0.001f),
        bytes);
    MatMul.Builder builder = octet.matMul().input(DataType.U8, perTensor(Inputs.SOURCE_SCALE, 0))
        .weights(weights, turned ? WeightLayout.OUT_IN : WeightLayout.IN_OUT).outputS32();
    bind(builder.prepare(), () -> builder.prepare().close());
  }

  private void weightOnly(MatMulShape shape) {
    WeightOnlyMatMul prepared = octet.weightOnlyMatMul().weights(weights(shape), WeightLayout.IN_OUT)
        .prepare();
    MemorySegment x = inputs.source(arena, 0);
    bind(prepared, () -> prepared.run(x, output, shape.m()));
  }

  private QTensor weights(MatMulShape shape) {
    return QTensor.of(form.weights(), Shape.of(shape.k(), shape.n()),
        form.groupSize() == 0
            ? perChannel(1, inputs.weightScales())
            : perGroup(0, form.groupSize(), inputs.weightScales()),
        inputs.weights(arena));
  }

  private void conv(ConvShape shape) {
    QTensor weights = QTensor.of(form.weights(),
        Shape.of(shape.outChannels(), shape.kernel(), shape.kernel(), shape.channelsPerGroup()),
        perChannel(0, inputs.weightScales()), inputs.weights(arena));
    Conv2d.Builder builder = octet.conv2d().input(form.source(), perTensor(Inputs.SOURCE_SCALE, 0))
        .weights(weights, WeightLayout.OHWI).stride(shape.stride()).padding(shape.padding())
        .dilation(shape.dilation()).groups(shape.groups());
    if (form.requantized()) {
      builder.bias(inputs.bias()).output(form.destination(), perTensor(inputs.productScale(), 0));
    } else {
      builder.outputS32();
    }
    if (inexact()) {
      builder.allowInexactEpilogue();
    }
    Conv2d prepared = builder.prepare();
    MemorySegment x = inputs.source(arena, 0);
    bind(prepared, () -> prepared.run(x, output, shape.batch(), shape.height(), shape.width()));
  }

  private void pool(PoolShape shape) {
    Pool prepared = benchCase.op() == BenchOp.MAX_POOL
        ? octet.maxPool().input(form.source()).window(shape.kernel()).stride(shape.stride())
            .padding(shape.padding()).prepare()
        : octet.averagePool().input(form.source(), ElementWise.REAL)
            .output(form.destination(), ElementWise.REAL).window(shape.kernel()).stride(shape.stride())
            .padding(shape.padding()).prepare();
    MemorySegment x = inputs.source(arena, 0);
    bind(prepared,
        () -> prepared.run(x, output, shape.batch(), shape.height(), shape.width(), shape.channels()));
  }

  private void elementWise(RowsShape shape) {
    MemorySegment x = inputs.source(arena, 0);
    long n = shape.elements();
    switch (benchCase.op()) {
      case QUANTIZE -> {
        Quantize prepared = octet.quantize().output(form.destination(), ElementWise.REAL).prepare();
        bind(prepared, () -> prepared.run(x, output, n));
      }
      case DEQUANTIZE -> {
        Dequantize prepared = octet.dequantize().input(form.source(), ElementWise.REAL).prepare();
        bind(prepared, () -> prepared.run(x, output, n));
      }
      case DYNAMIC_QUANTIZE -> {
        DynamicQuantize prepared = octet.dynamicQuantize().perRow().prepare();
        MemorySegment scales = arena.allocate(4L * shape.rows(), 64);
        MemorySegment zeroPoints = arena.allocate(4L * shape.rows(), 64);
        bind(prepared, () -> prepared.run(x, output, scales, zeroPoints, shape.rows(), shape.columns()));
      }
      case REQUANTIZE -> {
        Requantize prepared = octet.requantize().scales(inputs.weightScales()).bias(inputs.bias())
            .output(form.destination(), ElementWise.ACCUMULATED).prepare();
        bind(prepared, () -> prepared.run(x, output, shape.rows()));
      }
      case ADD -> binary(octet.add(), ElementWise.SUM, x, n);
      case MULTIPLY -> binary(octet.multiply(), ElementWise.PRODUCT, x, n);
      case LOOKUP -> {
        Lookup prepared = octet.lookup(form.source(), ElementWise.LOGIT, form.destination(),
            ElementWise.PROBABILITY,
            Activation.SIGMOID);
        bind(prepared, () -> prepared.run(x, output, n));
      }
      default -> throw new IllegalArgumentException(benchCase.op() + " on " + shape);
    }
  }

  private void binary(Binary.Builder builder, Quantization result, MemorySegment x, long n) {
    Binary prepared = builder.left(form.source(), ElementWise.LEFT).right(form.weights(), ElementWise.RIGHT)
        .output(form.destination(), result).prepare();
    MemorySegment other = inputs.source(arena, 1);
    bind(prepared, () -> prepared.run(x, other, output, n));
  }

  @Override
  public void run() {
    body.run();
  }

  @Override
  public Runnable caller() {
    return callers == null ? Subject.super.caller() : callers.get();
  }

  @Override
  public String kernel() {
    return op.kernel();
  }

  @Override
  public MemorySegment output() {
    return output;
  }

  @Override
  public OptionalLong packedBytes() {
    return OptionalLong.of(op.packedBytes());
  }

  @Override
  public void close() {
    if (mapped != null) {
      mapped.close();
    }
    octet.close();
    arena.close();
  }
}
