package dev.octet.bench;

import dev.octet.harness.shape.BenchOp;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What is measured together. */
@SuppressWarnings("ImmutableEnumChecker") // it knows no unmodifiable view; ops keeps the order of BenchOp
enum Suite {
  /** Products, element-wise ops, convolutions and pooling by turns in one process, and the report. */
  all(EnumSet.complementOf(EnumSet.of(BenchOp.BATCH, BenchOp.BATCH_TURNED, BenchOp.PACK,
      BenchOp.PACK_TURNED)), "turns", "rows", "tiers"),
  /** What is no share of a limit: first results, memory, threads, a busy neighbour; a part of all. */
  figures(EnumSet.noneOf(BenchOp.class)),
  /** Shares of the limit held to floors; its rows are those of bench/gate. */
  gate(EnumSet.noneOf(BenchOp.class)),
  /** What the machine can do. */
  limits(EnumSet.noneOf(BenchOp.class)),
  /** Tables of README and docs, made of kept results; nothing is measured. */
  numbers(EnumSet.noneOf(BenchOp.class)),
  /** Matrix products. */
  matmul(EnumSet.range(BenchOp.MATMUL, BenchOp.PACK_TURNED), "bert-base", "minilm", "llama-decode", "odd"),
  /** Convolutions. */
  conv(EnumSet.of(BenchOp.CONV), "resnet50", "mobilenetv2"),
  /** Element-wise ops. */
  quantize(EnumSet.range(BenchOp.QUANTIZE, BenchOp.LOOKUP), "bert-base", "resnet50"),
  /** Calls. */
  overhead(EnumSet.of(BenchOp.MATMUL), "overhead"),
  /** Many callers at once, and a call beside a busy thread. */
  callers(EnumSet.of(BenchOp.MATMUL), "callers"),
  /** Whole networks; not made of ops and shapes. */
  networks(EnumSet.noneOf(BenchOp.class)),
  /** Products with weights in block formats; not made of ops and shapes. */
  llama_decode(EnumSet.noneOf(BenchOp.class)),
  /** Whole ONNX models beside ONNX Runtime; figures, as those of texts and loads. */
  models(EnumSet.noneOf(BenchOp.class)),
  /** A batch of texts beside langchain4j's own classes. */
  texts(EnumSet.noneOf(BenchOp.class)),
  /** Loading a model beside ONNX Runtime. */
  loads(EnumSet.noneOf(BenchOp.class)),
  /** Whether all of it runs, quickly. */
  smoke(EnumSet.allOf(BenchOp.class), "smoke");

  private final Set<BenchOp> ops;
  private final List<String> shapes;

  Suite(Set<BenchOp> ops, String... shapes) {
    this.ops = Collections.unmodifiableSet(ops);
    this.shapes = List.of(shapes);
  }

  /** Its name on the command line. */
  @Override
  public String toString() {
    return name().replace('_', '-');
  }

  /** The ops that it measures, on the shapes that they take. */
  Set<BenchOp> ops() {
    return ops;
  }

  /** The shape files that it reads where none is named. */
  List<String> shapes() {
    return shapes;
  }
}
