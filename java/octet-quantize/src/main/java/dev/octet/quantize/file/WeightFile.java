package dev.octet.quantize.file;

import dev.octet.BlockTensor;
import dev.octet.QTensor;
import dev.octet.quantize.mapped.FileError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads the weights of a model from a file: tensors by name, and quantized tensors put together with their
 * scales and zero points. Safe for any number of threads. Tensors are views of the mapped file: reading one
 * after {@link #close()} is an IllegalStateException.
 *
 * <p>
 * <strong>A file must not be written to while it is open.</strong> The methods of this package throw an
 * UncheckedIOException that names a file which was. Memory of tensors that is read elsewhere gives zeros or
 * an InternalError where the file was truncated, which {@link #requireUnchanged()} tells; native code that
 * reads it, such as {@code prepare()} of an op with these weights on an engine of native code, ends the
 * process: copy weights of files that others may write to.
 */
public sealed interface WeightFile extends AutoCloseable
    permits SafetensorsWeights, OnnxFile, GgufWeights, ModelSlimFile, OutputsLast {
  /**
   * Opens a file or a folder by what it holds. A folder: ModelSlim where there is a
   * {@code quant_model_description*.json}, sharded safetensors where there is a
   * {@code *.safetensors.index.json}. A file: sharded safetensors or ModelSlim by these names, safetensors
   * where the first bytes are a header length and a brace, GGUF where they say so, ONNX otherwise.
   *
   * @param path a safetensors, ONNX or GGUF file, the index of a sharded one, a ModelSlim description, or a
   *        folder with one of the last two
   * @return the file, to be closed
   * @throws MalformedFileException if it is none of these, or damaged
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  static WeightFile open(Path path) {
    Objects.requireNonNull(path, "path");
    if (Files.isDirectory(path)) {
      if (ModelSlimFolder.isIn(path)) {
        return ModelSlimFile.open(path);
      }
      if (ShardedSafetensors.isIn(path)) {
        return ShardedSafetensors.open(path);
      }
      throw new MalformedFileException(
          path + ": expected quant_model_description*.json or *.safetensors.index.json in the folder; "
              + OtherFormat.inFolder(path));
    }
    FileError.requireFile(path, path, "a file or a folder");
    if (SafetensorsIndex.isIndex(path)) {
      return ShardedSafetensors.open(path);
    }
    if (ModelSlimFolder.isDescription(path)) {
      return ModelSlimFile.open(path);
    }
    if (SafetensorsContents.startsLikeSafetensors(path)) {
      return SafetensorsFile.open(path);
    }
    if (GgufFile.isAt(path)) {
      return GgufWeights.open(path);
    }
    OtherFormat.refuse(path);
    if (path.getFileName().toString().endsWith(".safetensors")) {
      return SafetensorsFile.open(path); // for its message
    }
    return OnnxFile.open(path);
  }

  /**
   * Returns the kind of file.
   *
   * @return "safetensors", "sharded safetensors", "ONNX", "GGUF" or "ModelSlim"
   */
  String format();

  /**
   * Returns all tensors, in the order of the file.
   *
   * @return an immutable list
   */
  List<StoredTensor> tensors();

  /**
   * Returns a tensor.
   *
   * @param name its name
   * @return the tensor
   * @throws IllegalArgumentException if there is none
   */
  StoredTensor tensor(String name);

  /**
   * Returns the names of the tensors that are quantized in a form that Octet reads. Scales and zero points
   * are read by {@link #quantized}.
   *
   * @return names in the order of the file
   */
  List<String> quantizedNames();

  /**
   * Returns a quantized tensor: its integers with scales and zero points.
   *
   * @param name one of {@link #quantizedNames()}
   * @return a view of the file
   * @throws IllegalArgumentException if there is no such tensor or it is not quantized
   * @throws MalformedFileException if scales or zero points do not fit it
   * @throws java.io.UncheckedIOException if a file was written to since it was opened
   */
  QTensor quantized(String name);

  /**
   * Returns a tensor that lies in blocks, as those of GGUF do. It is none of {@link #quantizedNames()}, and
   * its type is {@link StoredType#OTHER} where tensors are named.
   *
   * @param name of a tensor
   * @return a view of the file; empty where the tensor is not of blocks that are read
   * @throws IllegalArgumentException if there is no such tensor
   */
  default Optional<BlockTensor> blocks(String name) {
    Objects.requireNonNull(name, "name");
    tensor(name);
    return Optional.empty();
  }

  /**
   * Returns what the axes of a weight mean: output features are axis 0 of PyTorch's {@code [out][in]} and of
   * convolutions, axis 1 of {@code [in][out]}.
   *
   * @param name of a tensor
   * @return the axes
   * @throws IllegalArgumentException if there is no such tensor
   */
  WeightAxes axes(String name);

  /**
   * Returns the axis of the output features of a weight.
   *
   * @param name of a tensor
   * @return that of {@link #axes}
   * @throws IllegalArgumentException if there is no such tensor
   */
  default int outputAxis(String name) {
    Objects.requireNonNull(name, "name");
    return axes(name).output();
  }

  /**
   * Returns whether a tensor may be a weight: a constant that no operator multiplies with or looks rows up
   * in, such as a bias, a bound or a mask, is none and is never quantized. Only a file with a graph knows.
   *
   * @param name of a tensor
   * @return true where nothing is known
   * @throws IllegalArgumentException if there is no such tensor
   */
  default boolean isWeight(String name) {
    Objects.requireNonNull(name, "name");
    tensor(name);
    return true;
  }

  /**
   * Returns the weights that another tool has quantized in forms of its own, which are none of
   * {@link #quantizedNames()}. {@link ForeignTensor} reads some of them.
   *
   * @return an immutable list, in the order of the file; no tensor is in two of them
   */
  default List<ForeignWeights> foreign() {
    return List.of();
  }

  /**
   * Returns the tensors that look quantized, with scales beside them, and whose scales or zero points do not
   * fit them. They are no {@link #quantizedNames()}.
   *
   * @return an immutable map, from names of tensors to what is wrong
   */
  default Map<String, String> unreadable() {
    return Map.of();
  }

  /**
   * Returns the tensors of floats that are left as they are though an operator may multiply with them, such
   * as the initial value of what a loop changes.
   *
   * @return an immutable map, from names of tensors to the reason
   */
  default Map<String, String> unquantizable() {
    return Map.of();
  }

  /**
   * Returns the tensors that go by another name here than in the file: exporters of ONNX give weights made-up
   * names.
   *
   * @return an immutable map, from names of tensors to those in the file
   */
  default Map<String, String> otherNames() {
    return Map.of();
  }

  /**
   * Returns whether Octet quantized a tensor, and no other tool.
   *
   * @param name of a tensor
   * @return whether the file says that Octet wrote it
   */
  default boolean isOurs(String name) {
    Objects.requireNonNull(name, "name");
    return false;
  }

  /**
   * Returns whether a tensor is the scales or zero points of a weight that {@link #quantized} returns with
   * them.
   *
   * @param name of a tensor
   * @return true if so
   */
  boolean isParameter(String name);

  /**
   * Returns the text that the file carries beside its tensors.
   *
   * @return an immutable map
   */
  Map<String, String> metadata();

  /**
   * Returns the files that are mapped or were read: the one that was opened, or an index or description with
   * all its files, or a model with its external data.
   *
   * @return an immutable list, empty where the file is in memory
   */
  List<Path> files();

  /**
   * Refuses files that were written to since they were opened: what was read of them since may be anything. A
   * file in memory never is.
   *
   * @throws java.io.UncheckedIOException naming the file
   */
  void requireUnchanged();

  /** Unmaps the file, or all of its files. */
  @Override
  void close();
}
