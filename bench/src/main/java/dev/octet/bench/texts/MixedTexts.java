package dev.octet.bench.texts;

import dev.langchain4j.data.segment.TextSegment;
import dev.octet.minilm.Sentences;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Texts of one to eight English sentences that follow on each other; short ones are more frequent. */
final class MixedTexts {
  private static final int MOST_SENTENCES = 8;
  private static final long SEED = 17;

  private MixedTexts() {}

  /** The same texts each time. */
  static List<TextSegment> of(int count) {
    Random random = new Random(SEED);
    return Stream.generate(() -> {
      int sentences = 1 + (int) (MOST_SENTENCES * Math.pow(random.nextDouble(), 2));
      int first = random.nextInt(Sentences.ALL.size() - sentences);
      return TextSegment.from(String.join(" ", Sentences.ALL.subList(first, first + sentences)));
    }).limit(count).toList();
  }
}
