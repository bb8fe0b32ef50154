package dev.octet.quantize;

import com.tngtech.archunit.core.domain.JavaClasses;
import dev.octet.testing.Arrows;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Quantization stands on values, ops and the steps of the law; other people's code is JSON and plots. */
class ArrowsTest {
  @Test
  void everyPartUsesWhatItMayAndNothingElse() {
    JavaClasses classes = Arrows.classes();
    Arrows.check(classes,
        Map.of("quantize", Set.of("values", "entry", "op", "engine", "quantize.json"), "quantize.json",
            Set.of(), "quantize.file",
            Set.of("values", "quantize", "quantize.json", "quantize.mapped", "quantize.proto"),
            "quantize.mapped", Set.of(), "quantize.proto", Set.of("values", "quantize.mapped"),
            "quantize.report", Set.of("quantize"),
            "quantize.train",
            Set.of("values", "engine")));
    Arrows.checkPlatform(classes, "com.fasterxml.jackson..", "org.knowm.xchart..");
  }
}
