/** From FP32 to int8 and int4: calibration, quantization, accuracy. */
@SuppressWarnings("requires-automatic") // XChart is no named module
module dev.octet.quantize {
  requires transitive dev.octet;
  requires com.fasterxml.jackson.databind;
  requires java.desktop;
  requires org.knowm.xchart;

  exports dev.octet.quantize;
  exports dev.octet.quantize.file;
  exports dev.octet.quantize.report;
  exports dev.octet.quantize.train;
}
