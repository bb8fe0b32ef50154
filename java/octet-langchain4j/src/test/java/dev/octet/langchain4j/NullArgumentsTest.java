package dev.octet.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.onnx.OnnxOptions;
import dev.octet.testing.NullArguments;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Null for each argument of the public API: refused, and the message has the argument's name. */
class NullArgumentsTest {
  @Test
  void theMessageNamesTheArgument() {
    Map<Class<?>, Object> usable = new HashMap<>();
    usable.put(OnnxOptions.class, OnnxOptions.defaults());
    usable.put(Path.class, Path.of("none.onnx"));
    NullArguments trials = new NullArguments(Set.of(), parameter -> usable.get(parameter.getType()));
    try (OctetEmbeddingModel model = OctetEmbeddingModel.builder()
        .artifact(EmbeddingArtifact.ALL_MINILM_L6_V2_Q).threads(1).build()) {
      trials.methods(OctetEmbeddingModel.class, model);
      trials.methods(OctetEmbeddingModel.Builder.class, OctetEmbeddingModel.builder());
    }
    assertEquals(List.of(), trials.wrong());
    assertTrue(trials.tried() > 5, trials.tried() + " were tried");
  }
}
