package dev.octet.onnx;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.op.Tensors;
import dev.octet.onnx.internal.plan.Inference;
import dev.octet.onnx.internal.read.GraphReader;
import dev.octet.onnx.value.Dimension;
import dev.octet.onnx.value.TensorInfo;
import dev.octet.quantize.file.MalformedFileException;
import dev.octet.quantize.mapped.Mapping;
import dev.octet.quantize.proto.ExternalData;
import dev.octet.quantize.proto.MalformedMessageException;
import dev.octet.quantize.proto.ModelProto;
import dev.octet.quantize.proto.ValueProto;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * ONNX model as its file has it. {@link #prepare} makes of it what runs; the model may be closed afterwards.
 *
 * <p>
 * Models of opsets 9 to 23 of ONNX are run, with element types F32, I64, I32, I8, U8 and BOOL. A file that is
 * damaged or hostile is a {@link MalformedFileException}.
 */
public final class OnnxModel implements AutoCloseable {
  /** Null where the model came from a stream. */
  private final Path path;
  private final MemorySegment file;
  private final ModelProto model;
  private final ExternalData files;
  private final Mapping mapping;
  private final long opset;
  private final List<TensorInfo> inputs;
  private final List<TensorInfo> outputs;

  private OnnxModel(Path path, MemorySegment file, ModelProto model, ExternalData files, Mapping mapping) {
    this.path = path;
    this.file = file;
    this.model = model;
    this.files = files;
    this.mapping = mapping;
    this.opset = GraphReader.opset(model);
    this.inputs = GraphReader.inputs(model.graph()).stream().map(OnnxModel::info).toList();
    this.outputs = model.graph().outputs().stream().map(OnnxModel::info).toList();
  }

  private static TensorInfo info(ValueProto value) {
    return new TensorInfo(value.name(), Tensors.type(value.dataType()),
        Optional.ofNullable(value.dims()).map(dims -> dims.stream()
            .map(dim -> new Dimension(dim.length() < 0 ? Dimension.UNKNOWN : dim.length(), dim.symbol()))
            .toList()));
  }

  /**
   * Maps a file. Data that lie beside it are looked for in its folder. <strong>A file must not be written to
   * while it is open</strong>: an UncheckedIOException names one that was, but where it was truncated native
   * code that reads its weights, as {@code prepare} does, ends the process.
   *
   * @param path the file
   * @return the model, to be closed
   * @throws MalformedFileException if it is no ONNX model
   * @throws UncheckedIOException if it cannot be read
   */
  public static OnnxModel open(Path path) {
    Objects.requireNonNull(path, "path");
    return Mapping.open(path, (file, mapping) -> named(path + ": ",
        () -> read(path, file, new ExternalData(path.toAbsolutePath().getParent(), mapping), mapping)));
  }

  /**
   * Reads a model from a stream, to its end, into native memory. Data that lie beside a file are refused.
   *
   * @param stream the model; not closed
   * @return the model, to be closed
   * @throws MalformedFileException if it is no ONNX model
   * @throws UncheckedIOException if it cannot be read
   */
  public static OnnxModel open(InputStream stream) {
    Objects.requireNonNull(stream, "stream");
    try {
      return Mapping.open(stream,
          (file, mapping) -> named("", () -> read(null, file, new ExternalData(null, null), mapping)));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the model: " + e.getMessage(), e);
    }
  }

  private static OnnxModel read(Path path, MemorySegment file, ExternalData files, Mapping mapping) {
    return new OnnxModel(path, file, ModelProto.read(file, files), files, mapping);
  }

  /** Makes the one exception for files of what is wrong in one. */
  private static <T> T named(String prefix, Supplier<T> work) {
    try {
      return work.get();
    } catch (MalformedFileException e) {
      throw e;
    } catch (MalformedMessageException e) {
      throw new MalformedFileException(prefix + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException(prefix + "ONNX: " + e.getMessage(), e);
    }
  }

  /**
   * Returns the inputs that a run needs.
   *
   * @return an immutable list, in the order of the file
   */
  public List<TensorInfo> inputs() {
    return inputs;
  }

  /**
   * Returns the outputs.
   *
   * @return an immutable list, in the order of the file
   */
  public List<TensorInfo> outputs() {
    return outputs;
  }

  /**
   * Returns the version of ONNX's operators that the model is of.
   *
   * @return the opset
   */
  public long opset() {
    return opset;
  }

  /**
   * Returns the versions of all sets of operators that the model is of.
   *
   * @return an immutable map by domain; that of ONNX's own operators is empty
   */
  public Map<String, Long> opsets() {
    return Map.copyOf(model.opsets());
  }

  /**
   * Counts the nodes of each operator.
   *
   * @return an immutable map by operator, in the order of their names; a domain that is not ONNX's own comes
   *         before the name: {@code com.microsoft:QGemm}
   */
  public SortedMap<String, Integer> operators() {
    return Collections.unmodifiableSortedMap(GraphReader.operators(model, files));
  }

  /**
   * Returns the operators and attributes that {@link #prepare} would refuse as not offered, all at once.
   * Forms of an operator that depend on shapes or on which inputs are there, as dilated windows with
   * {@code auto_pad}, are found by {@code prepare} alone, one after the other.
   *
   * @return an immutable list: nodes with their names, operators and reasons, inputs and initializers, or the
   *         opset; empty where every operator is offered
   * @throws MalformedFileException if the graph is none; the message names the node
   * @throws UncheckedIOException if the file changed since it was opened
   * @throws IllegalStateException if the model is closed
   */
  public List<String> missing() {
    return Mapping.reading(mapping::requireUnchanged,
        () -> named("", () -> GraphReader.missing(model, files)));
  }

  /**
   * Returns the files beside the model's that hold data of its tensors, by the names that the model gives
   * them.
   *
   * @return an immutable list in the order of names; empty where all data are in the model's file
   * @throws MalformedFileException if the graph is none; the message names the node
   * @throws UncheckedIOException if the file changed since it was opened
   * @throws IllegalStateException if the model is closed
   */
  public List<Path> dataFiles() {
    missing(); // reads the attributes of nodes, whose data may be in files too
    return files.locations().stream().map(name -> path.resolveSibling(name)).toList();
  }

  /**
   * Prepares the model with {@link OnnxOptions#defaults()}.
   *
   * @param octet whose engines run the quantized products; stays open as long as what is returned
   * @return what runs the model, to be closed
   * @throws MalformedFileException if the graph is none; the message names the node
   * @throws UnsupportedOperationException naming all nodes whose operators are not offered, or the opset
   * @throws IllegalStateException if the model or the Octet is closed
   */
  public PreparedOnnx prepare(Octet octet) {
    return prepare(octet, OnnxOptions.defaults());
  }

  /**
   * Prepares the model: infers shapes, computes constants, rewrites the graph, and packs weights. It keeps a
   * copy of all constants that it needs.
   *
   * @param octet whose engines run the quantized products; stays open as long as what is returned
   * @param options how
   * @return what runs the model, to be closed
   * @throws MalformedFileException if the graph is none; the message names the node
   * @throws UnsupportedOperationException naming all nodes whose operators are not offered, or the opset
   * @throws IllegalArgumentException if {@link OnnxOptions#quantize} names nodes that the model does not
   *         have, or its calibration does not fit the model
   * @throws UncheckedIOException if the file changed since it was opened
   * @throws IllegalStateException if the model or the Octet is closed
   */
  public PreparedOnnx prepare(Octet octet, OnnxOptions options) {
    Objects.requireNonNull(octet, "octet");
    Objects.requireNonNull(options, "options");
    options.quantization()
        .ifPresent(quantization -> quantization.checkNames(GraphReader.names(model.graph())));
    Optional<OnnxQuantization> calibrated = options.quantization()
        .filter(how -> how.calibrator().isPresent());
    ModelProto quantized = calibrated.isEmpty() ? model : quantize(octet, calibrated.get()).model();
    return Mapping.reading(mapping::requireUnchanged, () -> named("",
        () -> PreparedOnnx.of(GraphReader.read(quantized, files), inputs, outputs, octet, options)));
  }

  /**
   * Quantizes the model into one that ONNX Runtime runs too. BatchNormalization behind a convolution is
   * folded into its weights.
   *
   * <p>
   * Dynamically: each chosen product becomes DynamicQuantizeLinear and MatMulInteger, each convolution
   * DynamicQuantizeLinear and ConvInteger, with S8 weights, and Cast, Mul and Add behind them. A tensor has
   * one range in all of a run, as these operators have it; where the model is
   * {@linkplain OnnxOptions#quantize quantized when it is prepared}, each row and each image has its own.
   * Models of opset 9 and 10 become models of opset 11.
   *
   * <p>
   * Statically: DequantizeLinear and QuantizeLinear around each node. Models of opset 9 to 12 become models
   * of opset 13, whose DequantizeLinear has a scale for each channel.
   *
   * <p>
   * Octet and ONNX Runtime compute the same integers of the file as long as no activation is NaN, which
   * DynamicQuantizeLinear of ONNX Runtime leaves out of the range and Octet does not.
   *
   * @param octet whose engines compute constants, and run the calibration
   * @param how the scheme, and which nodes
   * @return the quantized model, to be written before this one is closed
   * @throws MalformedFileException if the graph is none; the message names the node
   * @throws UnsupportedOperationException naming all nodes whose operators are not offered, or the opset, or
   *         if the result exceeds 2 GB
   * @throws IllegalArgumentException if nodes are named that the model does not have, none is left that can
   *         be quantized, or a calibration run does not fit the model or gives numbers that are not finite
   * @throws UncheckedIOException if the file changed since it was opened
   * @throws IllegalStateException if the model or the Octet is closed
   */
  public QuantizedOnnx quantize(Octet octet, OnnxQuantization how) {
    Objects.requireNonNull(octet, "octet");
    Objects.requireNonNull(how, "how");
    how.checkNames(GraphReader.names(model.graph()));
    List<Path> inputFiles = new ArrayList<>(files.files());
    if (path != null) {
      inputFiles.add(path);
    }
    Function<ModelProto, Graph> read = proto -> named("", () -> {
      Graph graph = GraphReader.read(proto, files);
      Inference.learn(graph, octet);
      return graph;
    });
    return Mapping.reading(mapping::requireUnchanged,
        () -> QuantizedOnnx.of(file, model, read, inputs, octet, how, inputFiles));
  }

  /** Unmaps the file, or frees what was read of the stream. What was prepared runs on. */
  @Override
  public void close() {
    mapping.close();
  }
}
