package dev.octet.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.octet.onnx.OnnxOptions;
import dev.octet.onnx.OnnxQuantization;
import java.util.Arrays;
import java.util.List;

/**
 * Times a batch of texts of mixed length on Octet and on langchain4j's own classes, each with its defaults:
 * two threads on two processors. Rounds are interleaved and medians printed. No test: a main program for the
 * class path of the tests. Arguments: names of {@link EmbeddingArtifact}s, else all that are there.
 */
final class EmbeddingTimes {
  private static final int TEXTS = 256;
  private static final int ROUNDS = 5;
  private static final long SEED = 17;

  private EmbeddingTimes() {}

  public static void main(String[] names) {
    List<TextSegment> texts = Texts.mixed(TEXTS, SEED);
    for (EmbeddingArtifact artifact : EmbeddingArtifact.values()) {
      if (names.length == 0 ? artifact.isThere() : List.of(names).contains(artifact.name())) {
        compare(artifact, OnnxOptions.defaults(), "", texts);
        if (!artifact.name().endsWith("_Q")) {
          compare(artifact, OnnxOptions.defaults().quantize(OnnxQuantization.int8Dynamic()), " in int8",
              texts);
        }
      }
    }
    System.exit(0); // langchain4j's threads are no daemons
  }

  private static void compare(EmbeddingArtifact artifact, OnnxOptions options, String how,
      List<TextSegment> texts) {
    EmbeddingModel peer = Judge.of(artifact);
    try (OctetEmbeddingModel octet = OctetEmbeddingModel.builder().artifact(artifact).options(options)
        .build()) {
      double[] ours = new double[ROUNDS];
      double[] theirs = new double[ROUNDS];
      milliseconds(octet, texts);
      milliseconds(peer, texts);
      for (int round = 0; round < ROUNDS; round++) {
        ours[round] = milliseconds(octet, texts);
        theirs[round] = milliseconds(peer, texts);
      }
      Arrays.sort(ours);
      Arrays.sort(theirs);
      int tokens = octet.embedAll(texts).tokenUsage().inputTokenCount();
      System.out.printf(
          "%s%s, %d texts, %d tokens: Octet %.0f ms (%.0f to %.0f), langchain4j %.0f ms (%.0f to %.0f):"
              + " %.2f times as fast%n",
          artifact.modelName(), how, texts.size(), tokens, ours[ROUNDS / 2], ours[0],
          ours[ROUNDS - 1], theirs[ROUNDS / 2], theirs[0], theirs[ROUNDS - 1],
          theirs[ROUNDS / 2] / ours[ROUNDS / 2]);
    }
  }

  private static double milliseconds(EmbeddingModel model, List<TextSegment> texts) {
    long start = System.nanoTime();
    model.embedAll(texts);
    return (System.nanoTime() - start) / 1e6;
  }
}
