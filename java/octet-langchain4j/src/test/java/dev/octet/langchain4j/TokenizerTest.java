package dev.octet.langchain4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.langchain4j.Tokenizer.Tokens;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How texts are cut and split; SameVectorsTest has langchain4j's word on it. */
class TokenizerTest {
  private static final long CLS = 101;
  private static final long SEP = 102;
  private static final long WORD = 2773;

  private static Tokenizer tokenizer(int maxTokens) throws IOException {
    try (InputStream json = TokenizerTest.class.getClassLoader()
        .getResourceAsStream(EmbeddingArtifact.E5_SMALL_V2_Q.tokenizerResource())) {
      return new Tokenizer(json, maxTokens);
    }
  }

  private static List<Integer> lengths(Tokens tokens) {
    return tokens.parts().stream().map(part -> part.length).toList();
  }

  @Test
  void oneWord() throws IOException {
    try (Tokenizer tokenizer = tokenizer(0)) {
      Tokens tokens = tokenizer.tokenize("word");
      assertEquals(1, tokens.count());
      assertArrayEquals(new long[]{CLS, WORD, SEP}, tokens.parts().getFirst());
      assertEquals(new Tokens(0, List.of()), tokenizer.tokenize("\u200b"));
    }
  }

  @Test
  void longTextsAreCutOrSplit() throws IOException {
    String text = "word ".repeat(1200);
    try (Tokenizer cut = tokenizer(0);
        Tokenizer shorter = tokenizer(100);
        Tokenizer longer = tokenizer(600);
        Tokenizer whole = tokenizer(Integer.MAX_VALUE)) {
      assertEquals(List.of(512), lengths(cut.tokenize(text)));
      assertEquals(510, cut.tokenize(text).count());
      assertEquals(List.of(100), lengths(shorter.tokenize(text)));
      assertEquals(List.of(512, 90), lengths(longer.tokenize(text)));
      assertEquals(List.of(512, 512, 182), lengths(whole.tokenize(text)));
      assertEquals(1200, whole.tokenize(text).count());
      assertEquals(List.of(512), lengths(whole.tokenize("word ".repeat(510))));
      assertEquals(List.of(512, 3), lengths(whole.tokenize("word ".repeat(511))));
      for (long[] part : whole.tokenize(text).parts()) {
        assertEquals(CLS, part[0]);
        assertEquals(WORD, part[1]);
        assertEquals(SEP, part[part.length - 1]);
      }
    }
  }

  @Test
  void partsEndBetweenWords() throws IOException {
    String rare = "pneumonoultramicroscopicsilicovolcanoconiosis";
    try (Tokenizer tokenizer = tokenizer(Integer.MAX_VALUE)) {
      int tokens = tokenizer.tokenize(rare).count();
      assertTrue(tokens > 5, tokens + " tokens");
      assertEquals(List.of(510, tokens + 2), lengths(tokenizer.tokenize("word ".repeat(508) + rare)));
      assertEquals(List.of(512, tokens + 2), lengths(tokenizer.tokenize("word ".repeat(510) + rare)));
    }
  }
}
