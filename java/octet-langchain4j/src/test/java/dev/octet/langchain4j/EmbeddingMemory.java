package dev.octet.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.octet.onnx.OnnxOptions;
import dev.octet.onnx.OnnxQuantization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Measures the peak memory of this process, on Linux, when it embeds a batch of texts of mixed length some
 * times, with a model of Octet's or one of langchain4j's own. No test: a main program for the class path of
 * the tests. Arguments: OCTET, OCTET_INT8 or LANGCHAIN4J, and the name of an {@link EmbeddingArtifact}.
 */
final class EmbeddingMemory {
  private static final int TEXTS = 256;
  private static final int ROUNDS = 5;
  private static final long SEED = 17;
  private static final double KB_A_MB = 1e3;

  /** Whose model it is. */
  private enum Contestant {
    OCTET, OCTET_INT8, LANGCHAIN4J
  }

  private EmbeddingMemory() {}

  public static void main(String[] arguments) throws IOException {
    Contestant contestant = Contestant.valueOf(arguments[0]);
    EmbeddingArtifact artifact = EmbeddingArtifact.valueOf(arguments[1]);
    long start = System.nanoTime();
    EmbeddingModel model = switch (contestant) {
      case OCTET -> OctetEmbeddingModel.builder().artifact(artifact).build();
      case OCTET_INT8 -> OctetEmbeddingModel.builder().artifact(artifact)
          .options(OnnxOptions.defaults().quantize(OnnxQuantization.int8Dynamic())).build();
      case LANGCHAIN4J -> Judge.of(artifact);
    };
    double load = (System.nanoTime() - start) / 1e6;
    double loaded = peak();
    List<TextSegment> texts = Texts.mixed(TEXTS, SEED);
    for (int round = 0; round < ROUNDS; round++) {
      model.embedAll(texts);
    }
    System.out.printf("%s, %s: %.0f MB at most, %.0f when it was loaded, in %.0f ms%n", artifact.modelName(),
        contestant, peak(), loaded, load);
    System.exit(0); // langchain4j's threads are no daemons
  }

  /** The most physical memory that this process ever had. */
  private static double peak() throws IOException {
    String line = Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(one -> one.startsWith("VmHWM:")).findFirst().orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", "")) / KB_A_MB;
  }
}
