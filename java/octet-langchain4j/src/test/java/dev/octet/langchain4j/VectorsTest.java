package dev.octet.langchain4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class VectorsTest {
  @Test
  void meanOfRows() {
    assertArrayEquals(new float[]{3, -1, 5},
        Vectors.mean(MemorySegment.ofArray(new float[]{1, 0, 4, 5, -2, 6}), 3));
  }

  @Test
  void averageByTheTokensOfTheParts() {
    float[][] vectors = {{1, 8}, {5, 0}};
    assertArrayEquals(new float[]{4, 2}, Vectors.average(vectors, List.of(new long[3], new long[5])));
    assertArrayEquals(new float[]{1, 8}, Vectors.average(new float[][]{{1, 8}}, List.of(new long[7])));
  }

  @Test
  void unitOfAVector() {
    assertArrayEquals(new float[]{0.6f, -0.8f}, Vectors.unit(new float[]{3e20f, -4e20f}));
  }
}
