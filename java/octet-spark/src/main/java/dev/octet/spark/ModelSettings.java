package dev.octet.spark;

import dev.octet.Engine;
import dev.octet.onnx.OnnxOptions;
import dev.octet.onnx.OnnxQuantization;
import java.io.Serializable;
import java.nio.file.Path;

/**
 * How an executor prepares an ONNX model.
 *
 * @param int8 whether float products are quantized when the model is prepared
 * @param engine null: the best one there
 * @param shared whether the executors of a host share packed weights
 * @param folder of the packed weights; null: one of the user's below Spark's folder
 */
record ModelSettings(boolean int8, Engine engine, boolean shared, String folder) implements Serializable {
  static final ModelSettings DEFAULTS = new ModelSettings(false, null, true, null);

  ModelSettings withInt8() {
    return new ModelSettings(true, engine, shared, folder);
  }

  ModelSettings withEngine(Engine forced) {
    return new ModelSettings(int8, forced, shared, folder);
  }

  /** With packed weights in a folder of the hosts. */
  ModelSettings withFolder(Path packs) {
    return new ModelSettings(int8, engine, true, packs.toString());
  }

  /** With packed weights in the memory of each JVM. */
  ModelSettings alone() {
    return new ModelSettings(int8, engine, false, null);
  }

  /** What of it was said, on an executor. */
  OnnxOptions options() {
    OnnxOptions options = OnnxOptions.defaults();
    if (int8) {
      options = options.quantize(OnnxQuantization.int8Dynamic());
    }
    return shared
        ? options.weightCache(folder == null ? HostFolder.ofUser() : Path.of(folder))
        : options;
  }
}
