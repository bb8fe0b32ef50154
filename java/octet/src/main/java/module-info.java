/** Quantized tensor kernels for the JVM. */
@SuppressWarnings("module") // dev.octet.onednn and dev.octet.quantize are built after this module
module dev.octet {
  requires static jdk.incubator.vector;
  // Not transitive, or modules that require this one could not be compiled without the annotations.
  requires static org.jspecify;

  exports dev.octet;
  exports dev.octet.op;
  exports dev.octet.engine to
      dev.octet.onednn,
      dev.octet.quantize;
  exports dev.octet.internal.call to
      dev.octet.onednn;
  exports dev.octet.internal.epilogue to
      dev.octet.onednn;
  exports dev.octet.internal.ffm to
      dev.octet.onednn;
  exports dev.octet.internal.pack to
      dev.octet.onednn;
  exports dev.octet.internal.parallel to
      dev.octet.onednn;

  uses dev.octet.engine.EngineProvider;
}
