package dev.octet.onnx;

import dev.octet.Octet;
import dev.octet.onnx.value.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The program of the page from an ONNX file to a service that quantizes a model. */
final class QuantizeFile {
  private QuantizeFile() {}

  static String run(Path in, Path out, List<Map<String, Tensor>> samples) {
    // README
    try (Octet octet = Octet.open();
        OnnxModel model = OnnxModel.open(in)) {
      OnnxQuantization dynamic = OnnxQuantization.int8Dynamic().exclude("*/pooler/*");
      try (PreparedOnnx prepared = model.prepare(octet, OnnxOptions.defaults().quantize(dynamic))) {
        System.out.println(prepared.report()); // which nodes were quantized, and which kernels run them
      }
      QuantizedOnnx file = model.quantize(octet, OnnxQuantization.int8Static(samples));
      file.write(out); // QDQ, for Octet and for ONNX Runtime
      return file.quantized() + ", as they were: " + file.kept();
    }
    // README
  }
}
