package dev.octet.minilm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.Engine;
import dev.octet.Octet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Attention on bytes against its definition on the numbers that the bytes stand for. */
class IntegerAttentionTest {
  private static final long SEED = 13;
  private static final float UNIT = 0.02f;

  @Test
  void isTheDefinition() {
    try (Octet octet = Octet.builder().engine(Engine.SCALAR).open();
        IntegerAttention attention = new IntegerAttention(octet);
        Arena arena = Arena.ofConfined()) {
      for (int tokens : new int[]{1, 2, 3, 17, 16}) {
        check(attention, arena, tokens);
      }
    }
  }

  private static void check(IntegerAttention attention, Arena arena, int tokens) {
    Random random = new Random(SEED);
    int first = 2;
    int row = 3 * MiniLm.FEATURES;
    MemorySegment bytes = arena.allocate((long) (first + tokens) * row);
    float[] reals = new float[(first + tokens) * row];
    for (int i = 0; i < reals.length; i++) {
      byte value = (byte) (random.nextInt(256) - 128);
      bytes.set(ValueLayout.JAVA_BYTE, i, value);
      reals[i] = value * UNIT;
    }
    float[] scoreScales = new float[MiniLm.HEADS];
    Arrays.fill(scoreScales, (float) (UNIT * UNIT / Math.sqrt(MiniLm.HEAD_FEATURES)));
    float[] valueScales = new float[MiniLm.FEATURES];
    Arrays.fill(valueScales, UNIT);
    MemorySegment out = arena.allocate(4L * (first + tokens) * MiniLm.FEATURES);
    attention.run(bytes, first, tokens, scoreScales, valueScales, out, new Times());
    for (int head = 0; head < MiniLm.HEADS; head++) {
      for (int i = 0; i < tokens; i++) {
        double[] expected = FloatRowsTest.attend(reals, first, tokens, head, i);
        for (int d = 0; d < expected.length; d++) {
          // each weight is off by at most half of 1/255 of the largest, each value at most 2.56
          assertEquals(expected[d],
              out.getAtIndex(ValueLayout.JAVA_FLOAT,
                  (first + i) * MiniLm.FEATURES + head * expected.length + d),
              1e-4 + tokens * 2.56 / 510,
              "seed " + SEED + ", tokens " + tokens + ", head " + head + ", token " + i);
        }
      }
    }
  }
}
