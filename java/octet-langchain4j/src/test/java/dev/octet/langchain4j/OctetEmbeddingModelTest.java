package dev.octet.langchain4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.listener.EmbeddingModelResponseContext;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.Response;
import dev.octet.Octet;
import dev.octet.onnx.OnnxOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds of one model, whichever it is. */
class OctetEmbeddingModelTest {
  private static final long SEED = 14;
  private static final List<TextSegment> SEGMENTS = Texts.segments(Texts.SENTENCES);

  private static OctetEmbeddingModel model;
  /** The vectors of one text after the other, on one thread. */
  private static List<Embedding> alone;

  private static OctetEmbeddingModel.Builder miniLm() {
    return OctetEmbeddingModel.builder().artifact(EmbeddingArtifact.ALL_MINILM_L6_V2_Q);
  }

  @BeforeAll
  static void open() {
    model = miniLm().threads(4).build();
    try (OctetEmbeddingModel single = miniLm().threads(1).build()) {
      alone = SEGMENTS.stream().map(segment -> single.embed(segment).content()).toList();
    }
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void vectorsDoNotDependOnNeighboursOrThreads() {
    assertEquals(alone, model.embedAll(SEGMENTS).content());
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < SEGMENTS.size(); i++) {
      order.addAll(List.of(i, i));
    }
    Collections.shuffle(order, new Random(SEED));
    List<Embedding> shuffled = model.embedAll(order.stream().map(SEGMENTS::get).toList()).content();
    assertEquals(order.stream().map(alone::get).toList(), shuffled, "seed " + SEED);
  }

  @Test
  void manyThreadsAtOnceGetTheSameVectors() throws InterruptedException, ExecutionException {
    int callers = 8;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch all = new CountDownLatch(callers);
      List<Future<List<Embedding>>> results = new ArrayList<>();
      for (int caller = 0; caller < callers; caller++) {
        List<TextSegment> texts = SEGMENTS.subList(caller, caller + 12);
        results.add(threads.submit(() -> {
          all.countDown();
          all.await();
          return model.embedAll(texts).content();
        }));
      }
      for (int caller = 0; caller < callers; caller++) {
        assertEquals(alone.subList(caller, caller + 12), results.get(caller).get(), "caller " + caller);
      }
    }
  }

  @Test
  void vectorsHaveLengthOne() {
    for (Embedding embedding : alone) {
      double squares = 0;
      for (float value : embedding.vector()) {
        squares += value * value;
      }
      assertEquals(1, squares, 1e-5);
    }
  }

  @Test
  void textsAreCutWhereAskedFor() {
    String text = "The cat sat on the mat and looked at the moon.";
    try (OctetEmbeddingModel short5 = miniLm().threads(1).maxTokens(5).build()) {
      Response<Embedding> cut = short5.embed(text);
      assertEquals(3, cut.tokenUsage().inputTokenCount());
      assertEquals(3, short5.countTokens(text));
      assertArrayEquals(model.embed("The cat sat").content().vector(), cut.content().vector());
    }
    assertEquals(126, model.embed(Texts.LONG.getFirst()).tokenUsage().inputTokenCount());
    assertEquals(126, model.countTokens(Texts.LONG.getFirst()));
    assertEquals(12, model.countTokens(text));
    assertEquals(0, model.countTokens("\u200b"));
  }

  @Test
  void requestsAndResponses() {
    EmbeddingResponse response = model
        .embed(EmbeddingRequest.builder().inputs(Texts.SENTENCES.get(4), Texts.SENTENCES.get(7)).build());
    assertEquals(List.of(alone.get(4), alone.get(7)), response.embeddings());
    assertEquals("all-minilm-l6-v2-q", response.modelName());
    assertEquals(response.modelName(), model.modelName());
    assertEquals(model.embed(SEGMENTS.get(4)).tokenUsage().add(model.embed(SEGMENTS.get(7)).tokenUsage()),
        response.tokenUsage());
    assertEquals(384, model.dimension());
    assertEquals("all-minilm-l6-v2-q, 384 dimensions, MEAN", model.toString());
    EmbeddingRequest other = EmbeddingRequest.builder().input("text").dimensions(12).build();
    assertThrows(UnsupportedFeatureException.class, () -> model.embed(other));
  }

  @Test
  void listenersAreTold() {
    List<String> told = new ArrayList<>();
    model.addListener(new EmbeddingModelListener() {
      @Override
      public void onResponse(EmbeddingModelResponseContext context) {
        told.add(context.embeddingModel().modelName() + " " + context.response().content().size());
      }
    }).embedAll(SEGMENTS.subList(0, 2));
    assertEquals(List.of("all-minilm-l6-v2-q 2"), told);
  }

  @Test
  void textsWithoutTokensAreRefused() {
    for (String blank : new String[]{null, "", " \n\t"}) {
      assertThrows(IllegalArgumentException.class, () -> model.embed(blank));
    }
    List<TextSegment> invisible = Texts.segments(List.of("visible", "\u200b\u200b"));
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
        () -> model.embedAll(invisible));
    assertEquals("text 1: expected one with at least a token, got none in 2 characters", e.getMessage());
    List<TextSegment> missing = Arrays.asList(TextSegment.from("a"), null);
    assertEquals("text 1: expected one, got null",
        assertThrows(IllegalArgumentException.class, () -> model.embedAll(missing)).getMessage());
    assertEquals(List.of(), model.embedAll(List.of()).content());
  }

  @Test
  void closedModelsRefuse() {
    OctetEmbeddingModel closed = miniLm().threads(2).build();
    closed.close();
    closed.close();
    assertEquals("this model is closed",
        assertThrows(IllegalStateException.class, () -> closed.embed("text")).getMessage());
    assertThrows(IllegalStateException.class, () -> closed.embedAll(SEGMENTS));
    assertThrows(IllegalStateException.class, () -> closed.countTokens("text"));
  }

  @Test
  void whatItHasIsFreedOnceWhenTheLastCallHasReturned() {
    AtomicInteger freed = new AtomicInteger();
    List<OctetEmbeddingModel> models = new ArrayList<>();
    Spread closing = new Spread(task -> {
      models.getFirst().close();
      assertThrows(IllegalStateException.class, () -> models.getFirst().embed("text"));
      assertEquals(0, freed.get());
    }, 2);
    OctetEmbeddingModel closed = new OctetEmbeddingModel("none", null, null, closing, freed::incrementAndGet);
    models.add(closed);
    assertThrows(NullPointerException.class, () -> closed.embed("no tokenizer"));
    assertEquals(0, freed.get());
    assertThrows(NullPointerException.class, () -> closed.embedAll(SEGMENTS.subList(0, 2)));
    assertEquals(1, freed.get());
    closed.close();
    assertEquals(1, freed.get());
  }

  @Test
  void callsThatRunWhileItIsClosedEnd() throws InterruptedException, ExecutionException {
    for (int round = 0; round < 3; round++) {
      OctetEmbeddingModel closing = miniLm().threads(2).build();
      AtomicInteger ended = new AtomicInteger();
      try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
        List<Future<?>> calls = new ArrayList<>();
        for (int caller = 0; caller < 3; caller++) {
          calls.add(threads.submit(() -> {
            while (true) {
              List<Embedding> vectors;
              try {
                vectors = closing.embedAll(SEGMENTS.subList(4, 8)).content();
              } catch (IllegalStateException e) {
                return;
              }
              assertEquals(alone.subList(4, 8), vectors);
              ended.incrementAndGet();
            }
          }));
        }
        while (ended.get() < 3) {
          Thread.onSpinWait();
        }
        closing.close();
        for (Future<?> call : calls) {
          call.get();
        }
      }
    }
  }

  @Test
  void anOctetThatIsGivenStaysOpen() {
    try (Octet octet = Octet.builder().threads(1).open()) {
      OctetEmbeddingModel first = miniLm().octet(octet).threads(1).build();
      first.close();
      try (OctetEmbeddingModel second = miniLm().octet(octet).threads(2).build()) {
        assertEquals(alone.get(9), second.embed(SEGMENTS.get(9)).content());
        octet.close();
        assertThrows(IllegalStateException.class, () -> second.embed(SEGMENTS.get(9)));
      }
    }
  }

  @Test
  void executorsHelp() {
    AtomicInteger tasks = new AtomicInteger();
    try (OctetEmbeddingModel helped = miniLm().threads(3).executor(task -> {
      tasks.incrementAndGet();
      Thread.ofVirtual().start(task);
    }).build()) {
      assertEquals(alone, helped.embedAll(SEGMENTS).content());
    }
    assertTrue(tasks.get() >= 2, tasks + " tasks");
  }

  @Test
  void tokenizedTextsHaveTheVectorsOfTexts() {
    List<TokenizedText> texts = SEGMENTS.stream().map(segment -> model.tokenize(segment.text())).toList();
    assertEquals(alone, model.embedTokenized(texts));
    assertEquals(List.of(), model.embedTokenized(List.of()));
    for (int i = 0; i < texts.size(); i++) {
      assertEquals(model.countTokens(SEGMENTS.get(i).text()), texts.get(i).count());
    }
    assertEquals("text 1: expected one with at least a token, tokenized by this model, got 0 tokens",
        refusal(model, Arrays.asList(texts.getFirst(), model.tokenize("\u200b"))));
    assertEquals("text 0: expected one with at least a token, tokenized by this model, got null",
        refusal(model, Collections.singletonList(null)));
    try (OctetEmbeddingModel other = miniLm().threads(1).build()) {
      assertEquals(
          "text 0: expected one with at least a token, tokenized by this model, got another's of 2 tokens",
          refusal(model, List.of(other.tokenize("a text"))));
    }
  }

  private static String refusal(OctetEmbeddingModel model, List<TokenizedText> texts) {
    return assertThrows(IllegalArgumentException.class, () -> model.embedTokenized(texts)).getMessage();
  }

  @Test
  void weightsInFilesGiveTheSameVectors(@TempDir Path folder) throws IOException {
    OnnxOptions options = OnnxOptions.defaults().weightCache(folder);
    for (String start : List.of("first", "second")) {
      try (OctetEmbeddingModel mapped = miniLm().threads(2).options(options).build()) {
        assertEquals(alone, mapped.embedAll(SEGMENTS).content(), start);
      }
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertTrue(files.anyMatch(file -> file.toString().endsWith(".constant")), "the words are a table");
    }
  }
}
