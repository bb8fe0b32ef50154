/** From FP32 to int8 and int4: calibration, quantization, accuracy. */
@SuppressWarnings({"requires-automatic", "module"}) // XChart is no named module; dev.octet.onnx is built
                                                    // after this one
module dev.octet.quantize {
  requires transitive dev.octet;
  requires com.fasterxml.jackson.databind;
  requires java.desktop;
  requires org.knowm.xchart;

  exports dev.octet.quantize;
  exports dev.octet.quantize.file;
  exports dev.octet.quantize.mapped to
      dev.octet.onnx;
  exports dev.octet.quantize.proto to
      dev.octet.onnx;
  exports dev.octet.quantize.report;
  exports dev.octet.quantize.train;
}
