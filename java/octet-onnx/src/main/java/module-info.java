/** ONNX models, run on Octet's kernels. */
module dev.octet.onnx {
  requires transitive dev.octet;
  requires transitive dev.octet.quantize;

  exports dev.octet.onnx;
  exports dev.octet.onnx.value;
}
