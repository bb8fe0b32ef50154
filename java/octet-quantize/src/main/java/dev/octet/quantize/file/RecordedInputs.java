package dev.octet.quantize.file;

import dev.octet.Shape;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.InputMoments;
import dev.octet.quantize.Observer;
import dev.octet.quantize.mapped.FileError;
import dev.octet.quantize.mapped.Mapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Reads inputs of layers that were recorded from sample data: a tensor of floats {@code LAYER.input} for each
 * layer, {@code [rows][features]}, or of more dimensions, of which the last one is the features. A layer may
 * have rows in many files. Files are mapped and read when a layer is asked for, 128 rows at a time, so that
 * the heap that is needed does not grow with them. Safe for any number of threads until closed.
 */
public final class RecordedInputs implements AutoCloseable {
  private static final String INPUT = ".input";
  /** Rows that are one batch to {@link CalibrationMethod.MovingAverage}. */
  private static final int BATCH = 128;
  /** 64 MB a batch. */
  private static final int MAX_FEATURES = 1 << 17;

  private final List<WeightFile> files = new ArrayList<>();
  private final Map<String, List<StoredTensor>> inputs = new LinkedHashMap<>();

  private RecordedInputs(List<Path> paths) {
    try {
      for (Path path : paths) {
        WeightFile file = WeightFile.open(path);
        files.add(file);
        for (StoredTensor tensor : file.tensors()) {
          if (tensor.name().endsWith(INPUT) && tensor.type().isFloat() && tensor.shape().elements() > 0) {
            String layer = tensor.name().substring(0, tensor.name().length() - INPUT.length());
            inputs.computeIfAbsent(layer, name -> new ArrayList<>()).add(tensor);
          }
        }
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Maps a file, or all {@code *.safetensors} of a folder in the order of their names.
   *
   * @param path the file or the folder
   * @return what is recorded there, to be closed
   * @throws MalformedFileException if a file is damaged
   * @throws UncheckedIOException if one cannot be read
   */
  public static RecordedInputs open(Path path) {
    Objects.requireNonNull(path, "path");
    if (!Files.isDirectory(path)) {
      return new RecordedInputs(List.of(path));
    }
    try (Stream<Path> entries = Files.list(path)) {
      return new RecordedInputs(entries
          .filter(file -> file.getFileName().toString().endsWith(".safetensors")).sorted().toList());
    } catch (IOException e) {
      throw FileError.reading(path, e);
    }
  }

  /**
   * Returns the files that are mapped.
   *
   * @return an immutable list
   */
  public List<Path> files() {
    return files.stream().flatMap(file -> file.files().stream()).toList();
  }

  /**
   * Returns the layers of which rows were recorded.
   *
   * @return names without {@code .input}, in the order of the files
   */
  public Set<String> layers() {
    return Collections.unmodifiableSet(inputs.keySet());
  }

  /**
   * Observes all rows of a layer. {@link CalibrationMethod.MovingAverage} takes 128 rows for a batch; the
   * last batch of a file may be shorter.
   *
   * @param layer one of {@link #layers()}
   * @param method how the range is found
   * @return an observer, per tensor, that has seen the rows
   * @throws IllegalArgumentException if nothing was recorded of the layer, a row has more than 131,072
   *         features, or a value is NaN or infinite, named by tensor and position in its batch
   * @throws UncheckedIOException if a file was written to since it was opened
   */
  public Observer observe(String layer, CalibrationMethod method) {
    Observer observer = Observer.perTensor(layer + INPUT, method);
    List<StoredTensor> tensors = require(layer);
    return Mapping.reading(this::requireUnchanged, () -> {
      tensors.forEach(tensor -> forEachBatch(tensor, features(tensor), observer::observe));
      return observer;
    });
  }

  /**
   * Observes all rows of a layer whose number of features is known.
   *
   * @param layer one of {@link #layers()}
   * @param features how many the layer has
   * @param method how the range is found
   * @return an observer, as {@link #observe(String, CalibrationMethod)} has it
   * @throws IllegalArgumentException if nothing was recorded of the layer, rows have another number of
   *         features, or a value is NaN or infinite, named by tensor and position in its batch
   * @throws UncheckedIOException if a file was written to since it was opened
   */
  public Observer observe(String layer, int features, CalibrationMethod method) {
    Objects.requireNonNull(layer, "layer");
    Objects.requireNonNull(method, "method");
    require(layer, features);
    return observe(layer, method);
  }

  /**
   * Returns means, largest absolute values and, if asked for, products of the features of a layer.
   *
   * @param layer one of {@link #layers()}
   * @param features how many the layer has
   * @param products whether products of pairs are summed too: {@code features * features} doubles
   * @return moments that have seen all rows
   * @throws IllegalArgumentException if nothing was recorded of the layer, rows have another number of
   *         features, or a value is NaN or infinite, named by tensor and position in its batch
   * @throws UncheckedIOException if a file was written to since it was opened
   */
  public InputMoments moments(String layer, int features, boolean products) {
    InputMoments moments = new InputMoments(layer + INPUT, features, products);
    List<StoredTensor> tensors = require(layer, features);
    return Mapping.reading(this::requireUnchanged, () -> {
      tensors.forEach(tensor -> forEachBatch(tensor, features, moments::observe));
      return moments;
    });
  }

  private void requireUnchanged() {
    files.forEach(WeightFile::requireUnchanged);
  }

  private List<StoredTensor> require(String layer) {
    List<StoredTensor> tensors = inputs.get(layer);
    if (tensors == null) {
      throw new IllegalArgumentException("layer " + layer + ": there is no tensor " + layer + INPUT);
    }
    return tensors;
  }

  /** Refuses rows of another width: of another model, or of another layer that had the name. */
  private List<StoredTensor> require(String layer, int features) {
    List<StoredTensor> tensors = require(layer);
    for (StoredTensor tensor : tensors) {
      if (features(tensor) != features) {
        throw new IllegalArgumentException("tensor " + tensor.name() + ": expected rows of " + features
            + " features, the inputs of " + layer + ", got " + tensor.shape());
      }
    }
    return tensors;
  }

  private static int features(StoredTensor tensor) {
    Shape shape = tensor.shape();
    long features = shape.rank() == 0 ? 1 : shape.dim(shape.rank() - 1);
    if (features > MAX_FEATURES) {
      throw new IllegalArgumentException("tensor " + tensor.name() + ": expected rows of at most "
          + MAX_FEATURES + " features, got " + shape);
    }
    return (int) features;
  }

  private static void forEachBatch(StoredTensor tensor, int features, Consumer<float[]> batches) {
    long elements = tensor.shape().elements();
    float[] batch = new float[0];
    for (long first = 0; first < elements; first += batch.length) {
      int count = (int) Math.min((long) BATCH * features, elements - first);
      if (count != batch.length) {
        batch = new float[count];
      }
      tensor.binary32(first, batch, 0, count);
      batches.accept(batch);
    }
  }

  /** Unmaps the files. */
  @Override
  public void close() {
    files.forEach(WeightFile::close);
  }
}
