package dev.octet.bench.minilm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.minilm.Encoder;
import dev.octet.minilm.FloatEncoder;
import dev.octet.minilm.MiniLm;
import dev.octet.minilm.ModelFiles;
import dev.octet.minilm.OctetEncoder;
import dev.octet.minilm.Ranges;
import dev.octet.minilm.Sentences;
import dev.octet.minilm.Tokens;
import dev.octet.minilm.Vectors;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The real model: int8 stays near FP32, and every engine returns the same embeddings, bit for bit. */
class EncodersTest {
  private static final List<String> SENTENCES = List.of(Sentences.ALL.get(2), Sentences.ALL.get(10),
      Sentences.ALL.get(15));

  @Test
  void enginesAgreeAndAreNearFp32() {
    System.setProperty("octet.onednn.split", "true"); // where there is no VNNI
    MiniLm model = MiniLm.load();
    float[][] scalar = null;
    try (Tokens tokens = new Tokens();
        Encoder fp32 = new OrtEncoder("fp32", ModelFiles.FP32_MODEL, 0, 1);
        Octet octet = Octet.open()) {
      int[][] sentences = tokens.of(SENTENCES);
      float[][] expected = fp32.embed(sentences);
      List<Ranges> ranges = new FloatEncoder(model).observe(tokens.of(Sentences.SAMPLE));
      for (EngineStatus status : octet.engines().reversed()) {
        if (status.available() && takes(status.engine())) {
          try (Encoder encoder = new OctetEncoder(model, ranges, status.engine(), 1, "")) {
            float[][] vectors = encoder.embed(sentences);
            for (int i = 0; i < vectors.length; i++) {
              double cosine = Vectors.cosine(expected[i], vectors[i]);
              assertTrue(cosine > 0.985, encoder.name() + ", sentence " + i + ": cosine " + cosine);
              if (scalar != null) {
                assertArrayEquals(scalar[i], vectors[i], encoder.name() + ", sentence " + i);
              }
            }
            scalar = vectors;
          }
        }
      }
    }
  }

  /** The demo asks an engine for every product, or does without the engine. */
  private static boolean takes(Engine engine) {
    try (Octet octet = Octet.builder().engine(engine).open()) {
      octet.batchMatMul().left(DataType.S8).right(DataType.S8).outputS32().prepare().close();
      octet.dynamicMatMul().weights(Quantizer.symmetric(DataType.S8).perChannel(1).quantize(new float[]{1},
          Shape.of(1, 1)), WeightLayout.IN_OUT).prepare().close();
      return true;
    } catch (UnsupportedOperationException refused) {
      assertEquals(Engine.NATIVE, engine, refused.getMessage());
      return false;
    }
  }
}
