package dev.octet.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.onnx.value.TensorInfo;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Times a model on Octet and a model on ONNX Runtime, with its defaults and as many threads, on the same
 * random inputs. Rounds are interleaved; printed are medians, and the ratio by round with its 10th and 90th
 * percentile. No test: a main program for the class path of the tests. Arguments: threads, rounds, and for
 * each comparison the file for Octet, with {@code ,int8} behind it to be quantized dynamically, the file for
 * ONNX Runtime, and the lengths of unknown axes, as {@code 1x128}.
 */
final class ModelTimes {
  private static final long SEED = 1;
  private static final long WARM_UP_NANOS = 4_000_000_000L;

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final int threads;
  private final int rounds;

  private ModelTimes(int threads, int rounds) {
    this.threads = threads;
    this.rounds = rounds;
  }

  public static void main(String[] args) throws OrtException {
    ModelTimes times = new ModelTimes(Integer.parseInt(args[0]), Integer.parseInt(args[1]));
    for (int i = 2; i + 2 < args.length; i += 3) {
      times.compare(args[i], args[i + 1], args[i + 2]);
    }
  }

  private void compare(String ours, String theirs, String lengths) throws OrtException {
    boolean int8 = ours.endsWith(",int8");
    OnnxOptions options = int8
        ? OnnxOptions.defaults().quantize(OnnxQuantization.int8Dynamic())
        : OnnxOptions.defaults();
    Map<String, OnnxTensor> values = new HashMap<>();
    try (Octet octet = Octet.builder().threads(threads).open();
        OnnxModel model = OnnxModel.open(Path.of(int8 ? ours.substring(0, ours.length() - 5) : ours));
        PreparedOnnx prepared = model.prepare(octet, options);
        OrtSession.SessionOptions settings = new OrtSession.SessionOptions()) {
      settings.setIntraOpNumThreads(threads);
      settings.setInterOpNumThreads(1);
      Map<String, Tensor> inputs = inputs(model, lengths, values);
      try (OrtSession session = environment.createSession(theirs, settings)) {
        double[][] millis = new double[2][rounds];
        long start = System.nanoTime();
        while (System.nanoTime() - start < WARM_UP_NANOS) {
          prepared.run(inputs);
          session.run(values).close();
        }
        double[] ratios = new double[rounds];
        for (int round = 0; round < rounds; round++) {
          millis[0][round] = second(() -> prepared.run(inputs));
          millis[1][round] = second(() -> session.run(values).close());
          ratios[round] = millis[1][round] / millis[0][round];
        }
        for (double[] series : List.of(millis[0], millis[1], ratios)) {
          Arrays.sort(series);
        }
        System.out.printf(
            "%s on Octet, %s on ONNX Runtime, %s, %d threads: %.2f ms, %.2f ms, %.2f times as fast"
                + " (%.2f to %.2f)%n",
            name(ours), name(theirs), lengths, threads, millis[0][rounds / 2],
            millis[1][rounds / 2], ratios[rounds / 2], ratios[rounds / 10], ratios[rounds * 9 / 10]);
      }
    } finally {
      values.values().forEach(OnnxTensor::close);
    }
  }

  /** A run of a contestant. */
  @FunctionalInterface
  private interface Turn {
    void run() throws OrtException;
  }

  /**
   * Milliseconds of the second of two runs: while the first one runs, the threads of the other contestant go
   * to sleep, which spin before.
   */
  private static double second(Turn turn) throws OrtException {
    turn.run();
    long start = System.nanoTime();
    turn.run();
    return (System.nanoTime() - start) / 1e6;
  }

  private static String name(String path) {
    return String.valueOf(Path.of(path).getFileName());
  }

  /** Floats around 0; of integers an attention mask of ones, types of 0, and numbers of words. */
  private Map<String, Tensor> inputs(OnnxModel model, String lengths, Map<String, OnnxTensor> values)
      throws OrtException {
    Random random = new Random(SEED);
    Map<String, Tensor> inputs = new HashMap<>();
    for (TensorInfo input : model.inputs()) {
      List<Long> free = new ArrayList<>(Arrays.stream(lengths.split("x")).map(Long::valueOf).toList());
      long[] dims = input.dimensions().orElseThrow().stream()
          .mapToLong(dim -> dim.isFixed() ? dim.length() : free.removeFirst()).toArray();
      int count = (int) Shape.of(dims).elements();
      if (input.type() == ElementType.F32) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
          floats[i] = (float) random.nextGaussian();
        }
        inputs.put(input.name(), Tensor.floats(Shape.of(dims), floats));
        values.put(input.name(), OnnxTensor.createTensor(environment, FloatBuffer.wrap(floats), dims));
      } else {
        long[] longs = new long[count];
        for (int i = 0; i < count; i++) {
          longs[i] = switch (input.name()) {
            case "attention_mask" -> 1;
            case "token_type_ids" -> 0;
            default -> 1000 + random.nextInt(20_000);
          };
        }
        inputs.put(input.name(), Tensor.longs(Shape.of(dims), longs));
        values.put(input.name(), OnnxTensor.createTensor(environment, LongBuffer.wrap(longs), dims));
      }
    }
    return inputs;
  }
}
