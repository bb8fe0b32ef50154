package dev.octet.spark;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.onnx.OnnxModel;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkFiles;

/**
 * An ONNX model in a file.
 *
 * @param model a path, or where it is sent a name
 * @param sent whether the file comes through Spark
 * @param settings of the model
 */
record OnnxSpec(String model, boolean sent, ModelSettings settings) implements ModelSpec<FloatModel> {
  @Override
  public Engine engine() {
    return settings.engine();
  }

  @Override
  public FloatModel prepare(Octet octet, int threads) {
    try (OnnxModel opened = OnnxModel.open(file())) {
      return OnnxFloats.of(opened, octet, settings.options());
    }
  }

  @Override
  public List<Path> files() {
    return List.of(file());
  }

  @Override
  public List<Path> dataFiles() {
    return dataOf(file());
  }

  /** The files that hold data of an ONNX model. */
  static List<Path> dataOf(Path file) {
    try (OnnxModel opened = OnnxModel.open(file)) {
      return opened.dataFiles();
    }
  }

  @Override
  public void close(FloatModel prepared) {
    prepared.close();
  }

  private Path file() {
    return Path.of(sent ? SparkFiles.get(model) : model);
  }
}
