package dev.octet.onednn;

import com.tngtech.archunit.core.domain.JavaClasses;
import dev.octet.testing.Arrows;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** This engine sees the SPI and what engines share, and nothing of dispatch, ops or other engines. */
class ArrowsTest {
  @Test
  void theEngineUsesWhatItMayAndNothingElse() {
    JavaClasses classes = Arrows.classes();
    Arrows.check(classes, Map.of("onednn",
        Set.of("engine", "internal.call", "internal.ffm", "internal.pack", "internal.epilogue",
            "internal.parallel",
            "values")));
    Arrows.checkPlatform(classes);
  }
}
