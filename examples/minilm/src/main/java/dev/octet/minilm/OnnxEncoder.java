package dev.octet.minilm;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.NodeReport;
import dev.octet.onnx.OnnxModel;
import dev.octet.onnx.OnnxOptions;
import dev.octet.onnx.OnnxQuantization;
import dev.octet.onnx.PreparedOnnx;
import dev.octet.onnx.value.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * all-MiniLM-L6-v2 as an ONNX model on Octet: the FP32 file, one that is quantized when it is prepared, or a
 * quantized one. Sentences of one length are one run, so that nothing is padded.
 */
public final class OnnxEncoder implements Encoder {
  private final String name;
  private final Octet octet;
  private final PreparedOnnx model;

  /**
   * Prepares a model.
   *
   * @param name in tables
   * @param file the model; not needed any more afterwards
   * @param options how it is prepared
   * @param engine that every op must run on; null: the best one
   * @param threads threads of one op
   */
  public OnnxEncoder(String name, OnnxModel file, OnnxOptions options, Engine engine, int threads) {
    this.name = name;
    this.octet = Octet.builder().engine(engine).threads(threads).open();
    try {
      this.model = file.prepare(octet, options);
    } catch (RuntimeException e) {
      octet.close();
      throw e;
    }
  }

  /** One that runs a model as its file says. */
  public static OnnxEncoder of(String name, byte[] file, Engine engine, int threads) {
    try (OnnxModel opened = OnnxModel.open(new ByteArrayInputStream(file))) {
      return new OnnxEncoder(name, opened, OnnxOptions.defaults(), engine, threads);
    }
  }

  /**
   * Quantizes a model to int8 with the ranges that activations have on sentences: what
   * {@code octet quantize IN.onnx -o OUT.onnx --scheme int8-static} writes.
   *
   * @param file the FP32 model
   * @param sentences token ids
   * @return the quantized model
   */
  public static byte[] quantize(byte[] file, int[][] sentences) {
    List<Map<String, Tensor>> runs = Arrays.stream(sentences).map(one -> inputs(new int[][]{one})).toList();
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel opened = OnnxModel.open(new ByteArrayInputStream(file))) {
      Path quantized = Files.createTempFile("octet", ".onnx");
      try {
        opened.quantize(octet, OnnxQuantization.int8Static(runs)).write(quantized);
        return Files.readAllBytes(quantized);
      } finally {
        Files.delete(quantized);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write a temporary file: " + e, e);
    }
  }

  private static Map<String, Tensor> inputs(int[][] sentences) {
    int tokens = sentences[0].length;
    Shape shape = Shape.of(sentences.length, tokens);
    long[] ids = Arrays.stream(sentences).flatMapToInt(IntStream::of).asLongStream().toArray();
    long[] mask = new long[ids.length];
    Arrays.fill(mask, 1);
    return Map.of("input_ids", Tensor.longs(shape, ids), "attention_mask", Tensor.longs(shape, mask),
        "token_type_ids", Tensor.longs(shape, new long[ids.length]));
  }

  @Override
  public String name() {
    return name;
  }

  /** The kernels that run products, and how many of each. */
  public String kernel() {
    return model.nodes().stream().filter(node -> node.operator().endsWith("Product")
        || node.operator().endsWith("MatMul"))
        .collect(Collectors.groupingBy(NodeReport::kernel, TreeMap::new, Collectors.counting()))
        .entrySet().stream().map(kernel -> kernel.getValue() + " x " + kernel.getKey())
        .collect(Collectors.joining(", "));
  }

  @Override
  public double weightMegabytes() {
    boolean floats = model.nodes().stream().anyMatch(node -> node.operator().equals("BiasedMatMul"));
    return MiniLm.LINEAR_WEIGHTS * (floats ? 4 : 1) / 1e6;
  }

  @Override
  public float[][] embed(int[][] sentences) {
    float[][] vectors = new float[sentences.length][];
    Map<Integer, List<Integer>> byLength = IntStream.range(0, sentences.length).boxed()
        .collect(Collectors.groupingBy(i -> sentences[i].length));
    byLength.forEach((tokens, places) -> {
      float[] states = model.run(inputs(places.stream().map(i -> sentences[i]).toArray(int[][]::new)))
          .values().iterator().next().floats();
      for (int i = 0; i < places.size(); i++) {
        vectors[places.get(i)] = Vectors.pool(states, i * tokens, tokens);
      }
    });
    return vectors;
  }

  @Override
  public void close() {
    model.close();
    octet.close();
  }
}
