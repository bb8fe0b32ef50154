package dev.octet.internal.answers;

import static dev.octet.DataType.F32;

import dev.octet.BinaryOp;
import dev.octet.DataType;
import dev.octet.GeluForm;
import dev.octet.Quantization;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.Backend;
import dev.octet.engine.BinaryKernel;
import dev.octet.engine.BinarySpec;
import dev.octet.engine.ConcatKernel;
import dev.octet.engine.ConcatSpec;
import dev.octet.engine.DynamicQuantizeKernel;
import dev.octet.engine.GeluKernel;
import dev.octet.engine.Kernel;
import dev.octet.engine.LayerNormKernel;
import dev.octet.engine.LayerNormSpec;
import dev.octet.engine.LookupKernel;
import dev.octet.engine.OutputSpec;
import dev.octet.engine.PairLayout;
import dev.octet.engine.QuantizeKernel;
import dev.octet.engine.QuantizeSpec;
import dev.octet.engine.RequantizeKernel;
import dev.octet.engine.RequantizeSpec;
import dev.octet.engine.SoftmaxKernel;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Elements and rows of them: vectors of 4 to 64 elements, up to four at once, and what is left of those. */
final class ElementAnswers {
  /** Every rest of a vector of 64 and of four of 16, with a whole one before it and without. */
  private static final int[] COUNTS = IntStream.concat(IntStream.rangeClosed(1, 66),
      IntStream.of(79, 127, 128, 129, 191, 200, 257, 300)).toArray();

  /** Lengths of rows, each in several rows. */
  private static final int[] COLUMNS = {1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 100, 129, 200};

  private static final int ROWS = 3;

  private ElementAnswers() {}

  /** A run of a number of elements, or of columns. */
  private interface CountRun<K> {
    void of(K kernel, Sample sample, int count);
  }

  private static <K extends Kernel> Answer<K> answer(String shape, Function<Backend, K> prepare, int[] counts,
      String what, CountRun<K> run) {
    List<Answer.Run<K>> runs = new ArrayList<>();
    for (int count : counts) {
      runs.add(new Answer.Run<>(what + " " + count, (kernel, sample) -> run.of(kernel, sample, count)));
    }
    return new Answer<>(shape, prepare, Answer.Tolerance.NONE, runs);
  }

  static List<Answer<?>> quantize(DataType type, boolean grouped) {
    return conversions(type, grouped, Backend::quantize, (sample, count) -> sample.reals(count, 4),
        (sample, count) -> sample.result(type, count));
  }

  static List<Answer<?>> dequantize(DataType type, boolean grouped) {
    return conversions(type, grouped, Backend::dequantize, (sample, count) -> sample.bytes(type.bytes(count)),
        (sample, count) -> sample.result(F32, count));
  }

  /** One parameter for all, and one an index of the middle axis or a group of it. */
  private static List<Answer<?>> conversions(DataType type, boolean grouped,
      BiFunction<Backend, QuantizeSpec, QuantizeKernel> prepare,
      BiFunction<Sample, Integer, MemorySegment> from, BiFunction<Sample, Integer, MemorySegment> to) {
    List<Answer<?>> answers = new ArrayList<>();
    QuantizeSpec one = new QuantizeSpec(type, Quantization.perTensor(scale(type), type.min() + 3));
    answers.add(answer("per tensor", backend -> prepare.apply(backend, one), COUNTS, "elements",
        (kernel, sample, count) -> kernel.run(from.apply(sample, count), to.apply(sample, count), 1, 1,
            count)));
    for (int axis : COLUMNS) {
      for (int inner : new int[]{1, 5}) {
        Draw draw = new Draw(axis);
        int group = 16;
        int outer = 3;
        int parameters = grouped ? outer * Math.ceilDiv(axis, group) * inner : axis;
        float[] scales = draw.scales(parameters);
        for (int i = 0; i < scales.length; i++) {
          scales[i] *= 100 * scale(type);
        }
        int[] zeroPoints = draw.zeroPoints(parameters, type);
        QuantizeSpec many = new QuantizeSpec(type, grouped
            ? Quantization.perGroup(1, group, scales, zeroPoints)
            : Quantization.perChannel(1, scales, zeroPoints));
        answers.add(answer(grouped ? "per group" : "per channel", backend -> prepare.apply(backend, many),
            new int[]{axis}, "axis " + outer + " x " + inner + " x",
            (kernel, sample, count) -> kernel.run(from.apply(sample, outer * count * inner),
                to.apply(sample, outer * count * inner), outer, count, inner)));
      }
    }
    return answers;
  }

  /** With which floats from -4 to 4 take the whole range and a little more. */
  private static float scale(DataType type) {
    return 7f / (type.max() - type.min());
  }

  static List<Answer<?>> dynamicQuantize() {
    return List.of(dynamicQuantize("numbers", COUNTS, 4), dynamicQuantize("large numbers", COLUMNS, 1e30f),
        dynamicQuantize("small numbers", COLUMNS, 1e-30f));
  }

  private static Answer<DynamicQuantizeKernel> dynamicQuantize(String what, int[] counts, float most) {
    return answer(ROWS + " rows of " + what, Backend::dynamicQuantize, counts, "columns",
        (kernel, sample, columns) -> kernel.run(
            sample.floats((long) ROWS * columns, most), sample.result(DataType.U8, (long) ROWS * columns),
            sample.result(F32, ROWS), sample.result(DataType.S32, ROWS), ROWS, columns));
  }

  static List<Answer<?>> requantize(DataType to) {
    List<Answer<?>> answers = new ArrayList<>();
    int products = 64;
    for (int channels : COLUMNS) {
      for (boolean plain : new boolean[]{true, false}) {
        Draw draw = new Draw(channels);
        float[] scales = draw.scales(plain ? 1 : channels);
        for (int i = 0; i < scales.length; i++) {
          scales[i] *= Draw.INPUT_SCALE;
        }
        RequantizeSpec spec = new RequantizeSpec(scales,
            plain ? null : draw.integerBias(channels, products),
            Draw.output(to, products, !plain));
        answers.add(answer(plain ? "one scale" : "scales and bias",
            backend -> backend.requantize(spec), new int[]{channels}, "channels",
            (RequantizeKernel kernel, Sample sample, int count) -> kernel.run(
                sample.integers((long) ROWS * count, plain ? 31 : 16), sample.result(to, (long) ROWS * count),
                ROWS, count)));
      }
    }
    return answers;
  }

  static List<Answer<?>> binary(BinaryOp op, DataType type) {
    ActivationSpec left = new ActivationSpec(type, false, Draw.INPUT_SCALE, type.min() + 131);
    ActivationSpec right = new ActivationSpec(type, false, 1.5f * Draw.INPUT_SCALE, type.min() + 120);
    OutputSpec output = new OutputSpec(type, 2 * Draw.INPUT_SCALE, type.min() + 127, type.min(),
        type.max() - 20, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    BinarySpec spec = new BinarySpec(op, left, right, output);
    return List.of(
        answer("of one shape", backend -> backend.binary(spec), COUNTS, "elements",
            (BinaryKernel kernel, Sample sample, int count) -> kernel.run(sample.bytes(count),
                sample.bytes(count), sample.result(type, count), count)),
        answer("right repeated in rows", backend -> backend.binary(spec), COLUMNS, "columns",
            (BinaryKernel kernel, Sample sample, int count) -> kernel.run(sample.bytes((long) ROWS * count),
                sample.bytes(count), sample.result(type, (long) ROWS * count),
                new PairLayout(2, new long[]{count, ROWS}, new long[]{1, count}, new long[]{1, 0}))),
        answer("left one a row", backend -> backend.binary(spec), COLUMNS, "columns",
            (BinaryKernel kernel, Sample sample, int count) -> kernel.run(sample.bytes(ROWS),
                sample.bytes((long) ROWS * count), sample.result(type, (long) ROWS * count),
                new PairLayout(2, new long[]{count, ROWS}, new long[]{0, 1}, new long[]{1, count}))));
  }

  static List<Answer<?>> lookup() {
    byte[] table = new Draw(0).bytes(256);
    return List.of(answer("any table", backend -> backend.lookup(table), COUNTS, "elements",
        (LookupKernel kernel, Sample sample, int count) -> kernel.run(sample.bytes(count),
            sample.result(DataType.U8, count), count)));
  }

  /** Inputs of types, each with the parameters of the result, so that it is copied, or with other ones. */
  static List<Answer<?>> concat(List<DataType> types, List<Boolean> copied, DataType to) {
    int outer = 3;
    OutputSpec output = new OutputSpec(to, Draw.INPUT_SCALE, to.min() + 120, to.min(), to.max(),
        Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    List<ActivationSpec> inputs = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      inputs.add(copied.get(i)
          ? new ActivationSpec(to, false, output.scale(), output.zeroPoint())
          : new ActivationSpec(types.get(i), false, 1.5f * output.scale(), types.get(i).min() + 131));
    }
    ConcatSpec spec = new ConcatSpec(inputs, output);
    return List.of(answer(inputs.size() + " inputs", backend -> backend.concat(spec), COLUMNS, "lengths from",
        (ConcatKernel kernel, Sample sample, int count) -> {
          List<MemorySegment> sources = new ArrayList<>();
          long[] lengths = new long[inputs.size()];
          long all = 0;
          for (int i = 0; i < lengths.length; i++) {
            lengths[i] = count + i % 5L;
            all += lengths[i];
            sources.add(sample.bytes(outer * lengths[i]));
          }
          kernel.run(sources, lengths, sample.result(to, outer * all), outer);
        }));
  }

  static List<Answer<?>> softmax() {
    return List.of(
        softmax("close scores", COUNTS, (sample, columns) -> sample.floats((long) ROWS * columns), false),
        softmax("scores from -130 to 130", COUNTS,
            (sample, columns) -> sample.floats((long) ROWS * columns, 130),
            false),
        softmax("with a mask", COUNTS, (sample, columns) -> sample.floats((long) ROWS * columns, 130), true),
        softmax("with a NaN", COLUMNS, (sample, columns) -> sample.rowsWithNaN(ROWS, columns), false));
  }

  private static Answer<SoftmaxKernel> softmax(String what, int[] counts,
      BiFunction<Sample, Integer, MemorySegment> scores, boolean masked) {
    return answer(what, backend -> backend.softmax(0.7f), counts, "columns",
        (kernel, sample, count) -> kernel.run(scores.apply(sample, count),
            masked ? sample.mask(count) : null, sample.result(F32, (long) ROWS * count), ROWS, count));
  }

  static List<Answer<?>> layerNorm() {
    List<Answer<?>> answers = new ArrayList<>();
    for (int columns : COUNTS) {
      Draw draw = new Draw(columns);
      LayerNormSpec spec = new LayerNormSpec(draw.floats(columns, 2), draw.floats(columns, 1), 1e-5f);
      boolean added = columns % 2 == 0;
      answers.add(answer(added ? "with a residual" : "without a residual",
          backend -> backend.layerNorm(spec), new int[]{columns}, "columns",
          (LayerNormKernel kernel, Sample sample, int count) -> {
            // One of several has a row that is NaN as a whole.
            MemorySegment src = count % 5 == 0
                ? sample.rowsWithNaN(ROWS, count)
                : sample.floats((long) ROWS * count);
            kernel.run(src, added ? sample.floats((long) ROWS * count) : null,
                sample.result(F32, (long) ROWS * count), ROWS);
          }));
    }
    return answers;
  }

  static List<Answer<?>> gelu(GeluForm form) {
    return List.of(
        answer("elements from -4 to 4", backend -> backend.gelu(form), COUNTS, "elements",
            (GeluKernel kernel, Sample sample, int count) -> kernel.run(sample.floats(count),
                sample.result(F32, count), count)),
        answer("elements of any size", backend -> backend.gelu(form), COUNTS, "elements",
            (GeluKernel kernel, Sample sample, int count) -> kernel.run(sample.reals(count, 15),
                sample.result(F32, count), count)));
  }
}
