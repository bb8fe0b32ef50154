package dev.octet.spark;

import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.file.ForeignWeights;
import dev.octet.quantize.file.OutputFile;
import dev.octet.quantize.file.QuantizationSummary;
import dev.octet.quantize.file.SchemeChoice;
import dev.octet.quantize.file.ShardedSafetensors;
import dev.octet.quantize.file.WeightFile;
import dev.octet.quantize.file.WeightQuantizer;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Quantizes the weights of a model in several safetensors files on the executors of a cluster, a task for
 * each file, to nearest. Every file of the output has the bytes that {@link WeightQuantizer} makes of its
 * input alone, as {@code octet quantize} of one file does; the driver writes the index at the end.
 *
 * {@snippet :
 * SparkQuantize.quantize(spark, Path.of("/models/fp16"), Path.of("/models/int8"),
 *     () -> QuantizationScheme.int8WeightOnly().exclude("lm_head"), Map.of());
 * }
 *
 * <p>
 * Executors read and write the folders under the same paths. A file is written aside and renamed, so that
 * tasks that run twice, or die, leave whole files alone; without the index the output is no model yet.
 */
public final class SparkQuantize {
  /** Makes the scheme on an executor: schemes do not travel, what makes them does. */
  @FunctionalInterface
  public interface Scheme extends Supplier<QuantizationScheme>, Serializable {}

  private SparkQuantize() {}

  /**
   * Quantizes a model.
   *
   * @param spark runs the tasks
   * @param model a folder with an index and the files that it names, or the index
   * @param out the folder of the output, made where it is not there; the files and the index have the names
   *        of the input
   * @param scheme makes what each layer gets; scales of activations are not written
   * @param metadata text for each file, besides what it needs itself
   * @return the tensors that were quantized
   * @throws IllegalArgumentException if weights of the model are quantized already, the output is the folder
   *         of the input, or a number of a chosen tensor is NaN, infinite or beyond binary32, named by tensor
   *         and position
   * @throws dev.octet.quantize.file.MalformedFileException if the index or a file is damaged
   * @throws UncheckedIOException if a file cannot be read or written
   */
  public static NavigableSet<String> quantize(SparkSession spark, Path model, Path out, Scheme scheme,
      Map<String, String> metadata) {
    Objects.requireNonNull(spark, "spark");
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(out, "out");
    Objects.requireNonNull(scheme, "scheme");
    Map<String, String> text = new HashMap<>(Objects.requireNonNull(metadata, "metadata"));
    Path index;
    List<String> shards;
    try (ShardedSafetensors file = ShardedSafetensors.open(model)) {
      requireFloats(file);
      List<Path> files = file.files();
      index = files.getFirst();
      shards = files.stream().map(Path::toString).filter(name -> !name.endsWith(".json")).toList();
      makeFolder(out);
      OutputFile.refuseInputs("out", out.resolve(index.getFileName()), files);
    }
    removeIndex(out.resolve(index.getFileName()));
    String folder = out.toAbsolutePath().toString();
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    List<List<String>> quantized = Jobs.run(() -> context.parallelize(shards, shards.size())
        .map(shard -> quantize(Path.of(shard), Path.of(folder), scheme.get(), text)).collect());
    ShardedSafetensors.writeIndex(out.resolve(index.getFileName()),
        shards.stream().map(shard -> Path.of(shard).getFileName().toString()).toList());
    NavigableSet<String> names = new TreeSet<>();
    quantized.forEach(names::addAll);
    return names;
  }

  private static List<String> quantize(Path shard, Path folder, QuantizationScheme scheme,
      Map<String, String> metadata) {
    try (WeightFile file = WeightFile.open(shard)) {
      // a list that every serializer knows: Kryo reads none of List.of
      return new ArrayList<>(WeightQuantizer
          .quantize(file, folder.resolve(shard.getFileName()), new SchemeChoice(scheme),
              WeightQuantizer.Method.NEAREST, List.of(), metadata, (tensor, done, total) -> {
              })
          .names(QuantizationSummary.Outcome.QUANTIZED));
    }
  }

  /** Scales of weights that are quantized may lie in another file than these, which one task does not see. */
  private static void requireFloats(ShardedSafetensors file) {
    List<String> ours = file.quantizedNames();
    List<String> foreign = file.foreign().stream().map(ForeignWeights::format).distinct().toList();
    if (!ours.isEmpty() || !foreign.isEmpty()) {
      throw new IllegalArgumentException("model: expected weights that are not quantized, got "
          + (ours.isEmpty() ? "those of " + foreign : ours.getFirst() + ", which is"));
    }
  }

  /** One that is there already would make a model of files of two runs. */
  private static void removeIndex(Path index) {
    try {
      Files.deleteIfExists(index);
    } catch (IOException e) {
      throw new UncheckedIOException("out: cannot replace " + index + ": " + e, e);
    }
  }

  private static void makeFolder(Path out) {
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw new UncheckedIOException("out: cannot make " + out + ": " + e, e);
    }
  }
}
