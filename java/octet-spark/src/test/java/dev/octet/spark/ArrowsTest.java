package dev.octet.spark;

import com.tngtech.archunit.core.domain.JavaClasses;
import dev.octet.testing.Arrows;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Work over a cluster stands on quantization and on embedding models; nothing of ours knows it. */
class ArrowsTest {
  @Test
  void everyPartUsesWhatItMayAndNothingElse() {
    JavaClasses classes = Arrows.classes();
    Arrows.check(classes, Map.of("spark",
        Set.of("values", "entry", "quantize", "quantize.file", "onnx", "onnx.value", "langchain4j")));
    Arrows.checkPlatform(classes, "org.apache.spark..", "scala..", "dev.langchain4j..");
  }
}
