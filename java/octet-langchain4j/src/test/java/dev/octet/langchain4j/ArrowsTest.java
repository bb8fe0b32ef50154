package dev.octet.langchain4j;

import com.tngtech.archunit.core.domain.JavaClasses;
import dev.octet.testing.Arrows;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Embedding models stand on whole models, and on nothing below them but values and the entry. */
class ArrowsTest {
  @Test
  void everyPartUsesWhatItMayAndNothingElse() {
    JavaClasses classes = Arrows.classes();
    Arrows.check(classes, Map.of("langchain4j", Set.of("values", "entry", "onnx", "onnx.value")));
    Arrows.checkPlatform(classes, "dev.langchain4j..", "ai.djl.huggingface.tokenizers");
  }
}
