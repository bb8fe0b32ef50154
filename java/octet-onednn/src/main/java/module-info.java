/** Engine ONEDNN. */
module dev.octet.onednn {
  requires dev.octet;

  provides dev.octet.engine.EngineProvider with
      dev.octet.onednn.OneDnnProvider;
}
