package dev.octet.llama;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Engine;
import dev.octet.Isa;
import dev.octet.Octet;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores are the same bits, whatever computes them and however tokens are cut into runs. */
class SameBitsTest {
  private static final List<Engine> ENGINES = TestModels.engines();
  private static final LlamaShape SHAPE = TestModels.ODD;
  private static final int[] TOKENS = TestModels.tokens(SHAPE, 40);
  /** A prompt that is more than one part of an attention, and tokens that follow. */
  private static final int[] PROMPT = {37, 1, 1, 1};

  @TempDir
  Path folder;
  private Path path;

  @BeforeEach
  void write() {
    path = TestModels.write(folder, SHAPE, false);
  }

  private static Octet open(Engine engine, int threads) {
    return Octet.builder().engine(engine).threads(threads).open();
  }

  private float[][] run(Engine engine, int threads, int... lengths) {
    try (Octet octet = open(engine, threads)) {
      return TestModels.run(octet, path, TOKENS, lengths);
    }
  }

  private static void assertSame(float[][] expected, float[][] actual, String what) {
    for (int i = 0; i < expected.length; i++) {
      assertArrayEquals(bits(expected[i]), bits(actual[i]), what + ", scores behind run " + i);
    }
  }

  private static int[] bits(float[] floats) {
    int[] bits = new int[floats.length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(floats[i]));
    return bits;
  }

  @Test
  void enginesAndThreads() {
    float[][] expected = run(Engine.SCALAR, 1, PROMPT);
    for (Engine engine : ENGINES) {
      for (int threads = 1; threads <= 2; threads++) {
        assertSame(expected, run(engine, threads, PROMPT), engine + ", threads " + threads);
      }
    }
  }

  @Test
  void instructionSets() {
    TestModels.assumeIsHere(Engine.NATIVE);
    float[][] expected = run(Engine.NATIVE, 1, PROMPT);
    for (Isa isa : Isa.values()) {
      try (Octet octet = Octet.builder().engine(Engine.NATIVE).isa(isa).threads(1).open()) {
        assertSame(expected, TestModels.run(octet, path, TOKENS, PROMPT), "tier " + isa);
      }
    }
  }

  @Test
  void runs() {
    for (Engine engine : ENGINES) {
      float[][] batch = run(engine, 1, PROMPT);
      int[] single = new int[TOKENS.length];
      Arrays.fill(single, 1);
      float[][] tokens = run(engine, 1, single);
      assertSame(batch, Arrays.copyOfRange(tokens, PROMPT[0] - 1, tokens.length), engine + " by tokens");
      assertSame(new float[][]{batch[0], batch[3]}, run(engine, 2, 37, 3), engine + ", two prompts");
    }
  }

  @Test
  void promptsLongerThanABatch() {
    int[] tokens = TestModels.tokens(SHAPE, 300);
    int[] pieces = new int[30];
    Arrays.fill(pieces, 10);
    try (Octet octet = open(null, 2); LlamaModel model = LlamaModel.open(path, octet, null)) {
      float[][] whole = TestModels.run(model, tokens, 300);
      float[][] parts = TestModels.run(model, tokens, pieces);
      assertSame(whole, new float[][]{parts[29]}, "300 tokens in runs of 10");
    }
  }

  @Test
  void truncatedSequences() {
    try (Octet octet = open(null, 1);
        LlamaModel model = LlamaModel.open(path, octet, null);
        LlamaContext context = new LlamaContext(model, 40)) {
      float[] first = context.run(TOKENS, 0, 20).clone();
      context.run(TOKENS, 20, 20);
      context.truncate(10);
      assertEquals(10, context.tokens());
      assertSame(new float[][]{first}, new float[][]{context.run(TOKENS, 10, 10)}, "run again");
    }
  }

  @Test
  void otherTokensOtherScores() {
    int[] other = TOKENS.clone();
    other[3]++;
    try (Octet octet = open(null, 1)) {
      float[][] expected = TestModels.run(octet, path, TOKENS, PROMPT);
      float[][] actual = TestModels.run(octet, path, other, PROMPT);
      assertTrue(!Arrays.equals(expected[3], actual[3]), "a token far back changes the scores");
    }
  }
}
