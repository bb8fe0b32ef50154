package dev.octet.bench.minilm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import dev.octet.minilm.Encoder;
import dev.octet.minilm.ModelFiles;
import dev.octet.minilm.OnnxEncoder;
import dev.octet.minilm.Sentences;
import dev.octet.minilm.Tokens;
import dev.octet.minilm.Vectors;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The real model: int8 stays near FP32, and every engine returns the same embeddings, bit for bit. */
class EncodersTest {
  private static final List<String> SENTENCES = List.of(Sentences.ALL.get(2), Sentences.ALL.get(10),
      Sentences.ALL.get(15));

  private static void assertNear(double least, Encoder encoder, float[][] expected, float[][] vectors) {
    for (int i = 0; i < vectors.length; i++) {
      double cosine = Vectors.cosine(expected[i], vectors[i]);
      assertTrue(cosine > least, encoder.name() + ", sentence " + i + ": cosine " + cosine);
    }
  }

  @Test
  void enginesAgreeAndAreNearFp32() {
    byte[] fp32 = ModelFiles.read(ModelFiles.FP32_MODEL);
    float[][] first = null;
    try (Tokens tokens = new Tokens();
        Encoder judge = new OrtEncoder("fp32", fp32, 0, 1);
        Encoder floats = OnnxEncoder.of("octet-fp32", fp32, null, 1);
        Octet octet = Octet.open()) {
      int[][] sentences = tokens.of(SENTENCES);
      float[][] expected = judge.embed(sentences);
      assertNear(0.999999, floats, expected, floats.embed(sentences));
      byte[] int8 = OnnxEncoder.quantize(fp32, tokens.of(Sentences.SAMPLE));
      try (Encoder same = new OrtEncoder("the same file", int8, 0, 1)) {
        assertNear(0.985, same, expected, same.embed(sentences));
      }
      for (EngineStatus status : octet.engines()) {
        // ONEDNN has no layer norm.
        if (status.available() && status.engine() != Engine.ONEDNN) {
          try (Encoder encoder = OnnxEncoder.of(status.engine().name(), int8, status.engine(), 1)) {
            float[][] vectors = encoder.embed(sentences);
            assertNear(0.985, encoder, expected, vectors);
            if (first != null) {
              assertArrayEquals(first, vectors, encoder.name());
            }
            first = vectors;
          }
        }
      }
    }
  }
}
