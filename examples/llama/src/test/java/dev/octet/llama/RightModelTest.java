package dev.octet.llama;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Octet;
import dev.octet.quantize.file.GgufFile;
import dev.octet.quantize.file.GgufType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores are those of a model in double precision, but for activations and cache in 8 bits. */
class RightModelTest {
  /** Root mean square of the error by that of the scores: 0.011 to 0.014 were measured. */
  private static final double BOUND = 0.03;
  /** A wrong model is off by more: 0.077 and more. */
  private static final double WRONG = 0.06;

  @TempDir
  Path folder;

  @Test
  void wholeHeadsRotated() {
    check(SeededModel.SMALL, false);
  }

  @Test
  void partOfHeadsRotated() {
    check(TestModels.ODD, false);
  }

  @Test
  void embeddingAsOutput() {
    check(SeededModel.SMALL, true);
  }

  /** As Llama 3.1 has them; an embedding in F16. */
  @Test
  void dividedFrequencies() {
    LlamaShape shape = SeededModel.SMALL;
    Path path = TestModels.write(folder, shape, false);
    float[] factors = new float[shape.rotated() / 2];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = 1 + i / 4f;
    }
    float[] embedding;
    try (GgufFile file = GgufFile.open(path)) {
      embedding = file.tensor("token_embd.weight").floats();
    }
    check(shape, TestModels.changed(path, contents -> {
      contents.set("rope_freqs.weight", GgufType.F32, factors, factors.length);
      contents.set("token_embd.weight", GgufType.F16, embedding, shape.vocabulary(), shape.hidden());
    }), EnumSet.allOf(DoubleLlama.Flaw.class));
  }

  private void check(LlamaShape shape, boolean tied) {
    check(shape, TestModels.write(folder, shape, tied),
        EnumSet.complementOf(EnumSet.of(DoubleLlama.Flaw.NO_FACTORS)));
  }

  private static void check(LlamaShape shape, Path path, Set<DoubleLlama.Flaw> flaws) {
    int[] tokens = TestModels.tokens(shape, 24);
    float[] logits;
    try (Octet octet = Octet.builder().threads(1).open()) {
      logits = TestModels.run(octet, path, tokens, tokens.length)[0];
    }
    try (GgufFile file = GgufFile.open(path)) {
      for (DoubleLlama.Flaw flaw : flaws) {
        double error = error(new DoubleLlama(file, shape, flaw).logits(tokens), logits);
        System.out.printf("%s: error %.4f%n", flaw, error);
        if (flaw == DoubleLlama.Flaw.NONE) {
          assertTrue(error < BOUND, "error " + error + ", bound " + BOUND);
        } else {
          assertTrue(error > WRONG, flaw + ": error " + error + ", expected more than " + WRONG);
        }
      }
    }
  }

  private static double error(double[] expected, float[] actual) {
    double error = 0;
    for (int i = 0; i < actual.length; i++) {
      error += (expected[i] - actual[i]) * (expected[i] - actual[i]);
    }
    return Math.sqrt(error / Arrays.stream(expected).map(x -> x * x).sum());
  }
}
