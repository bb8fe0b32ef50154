package dev.octet.onnx;

import com.tngtech.archunit.core.domain.JavaClasses;
import dev.octet.testing.Arrows;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Models stand on values, ops and the reading of files; no part knows the one that uses it. */
class ArrowsTest {
  @Test
  void everyPartUsesWhatItMayAndNothingElse() {
    JavaClasses classes = Arrows.classes();
    Arrows.check(classes,
        Map.of("onnx.value", Set.of("values"), "onnx.internal.graph",
            Set.of("entry", "onnx.value", "onnx.internal.packs"),
            "onnx.internal.packs", Set.of("values", "entry", "op"),
            "onnx.internal.op",
            Set.of("values", "entry", "op", "quantize.proto", "onnx.value", "onnx.internal.graph",
                "onnx.internal.packs"),
            "onnx.internal.pass", Set.of("onnx.value", "onnx.internal.graph", "onnx.internal.op"),
            "onnx.internal.write",
            Set.of("values", "quantize.proto", "onnx.value", "onnx.internal.graph", "onnx.internal.pass"),
            "onnx.internal.plan", Set.of("entry", "onnx.value", "onnx.internal.graph", "onnx.internal.packs"),
            "onnx.internal.read",
            Set.of("quantize.proto", "onnx.value", "onnx.internal.graph", "onnx.internal.op",
                "onnx.internal.plan"),
            "onnx",
            Set.of("values", "entry", "quantize", "quantize.file", "quantize.mapped", "quantize.proto",
                "onnx.value",
                "onnx.internal.graph", "onnx.internal.op", "onnx.internal.packs", "onnx.internal.pass",
                "onnx.internal.plan",
                "onnx.internal.read", "onnx.internal.write")));
    Arrows.checkPlatform(classes);
  }
}
