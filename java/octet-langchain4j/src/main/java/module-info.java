/** Embedding models for langchain4j, on Octet's kernels. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // langchain4j and DJL are no named
                                                                           // modules
module dev.octet.langchain4j {
  requires transitive dev.octet;
  requires transitive langchain4j.core;
  requires transitive dev.octet.onnx;
  requires ai.djl.tokenizers;

  exports dev.octet.langchain4j;

  provides dev.langchain4j.spi.model.embedding.EmbeddingModelFactory with
      dev.octet.langchain4j.OctetEmbeddingModelFactory;
}
