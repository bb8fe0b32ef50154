package dev.octet.internal.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.Engine;
import dev.octet.Isa;
import dev.octet.Octet;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Properties and the program's choices. Tests run one after the other; each leaves the properties as they
 * were.
 */
class SettingsTest {
  private static final List<String> NAMES = List.of("octet.engine", "octet.isa", "octet.threads",
      "octet.cache.verify", "octet.native.unproven", "octet.native.check");
  private String[] before;

  @BeforeEach
  void clear() {
    before = NAMES.stream().map(System::clearProperty).toArray(String[]::new);
  }

  @AfterEach
  void restore() {
    for (int i = 0; i < before.length; i++) {
      if (before[i] == null) {
        System.clearProperty(NAMES.get(i));
      } else {
        System.setProperty(NAMES.get(i), before[i]);
      }
    }
  }

  private static Settings none() {
    return Settings.of(null, null, 0, null);
  }

  @Test
  void withoutAnythingItIsAutomatic() {
    assertEquals(
        new Settings(null, "-Doctet.engine=auto", null, Runtime.getRuntime().availableProcessors(), null),
        none());
  }

  @ParameterizedTest
  @CsvSource({"auto, ", "AUTO, ", "scalar, SCALAR", "Vector, VECTOR", "NATIVE, NATIVE", "onednn, ONEDNN"})
  void theEngineProperty(String value, Engine engine) {
    System.setProperty("octet.engine", value);
    assertSame(engine, none().engine());
  }

  @ParameterizedTest
  @CsvSource({"baseline, BASELINE", "avx2, AVX2", "AvxVnni, AVXVNNI", "avx512, AVX512",
      "AVX512VNNI, AVX512VNNI", "neon, NEON", "DotProd, DOTPROD", "i8mm, I8MM"})
  void theIsaProperty(String value, Isa isa) {
    System.setProperty("octet.isa", value);
    assertSame(isa, none().isa());
  }

  @Test
  void theThreadsProperty() {
    System.setProperty("octet.threads", "3");
    assertEquals(3, none().threads());
  }

  @Test
  void theProgramGoesFirst() {
    System.setProperty("octet.engine", "onednn");
    System.setProperty("octet.isa", "avx512");
    System.setProperty("octet.threads", "3");
    Executor executor = Runnable::run;
    Settings settings = Settings.of(Engine.SCALAR, Isa.AVX2, 5, executor);
    assertEquals(new Settings(Engine.SCALAR, "the program", Isa.AVX2, 5, executor), settings);
    assertEquals("-Doctet.engine=onednn", none().engineFrom());
  }

  @ParameterizedTest
  @ValueSource(strings = {"fast", "", " scalar", "native,scalar"})
  void anUnknownEngineIsRefused(String value) {
    System.setProperty("octet.engine", value);
    assertEquals(
        "octet.engine: unknown engine \"" + value + "\", expected auto, scalar, vector, native or onednn",
        assertThrows(IllegalArgumentException.class, Octet::open).getMessage());
    // Whoever set it believes that it does something, even where the program decides.
    assertThrows(IllegalArgumentException.class, () -> Octet.builder().engine(Engine.SCALAR).open());
  }

  @ParameterizedTest
  @ValueSource(strings = {"sse2", "", "avx-512"})
  void anUnknownTierIsRefused(String value) {
    System.setProperty("octet.isa", value);
    assertEquals(
        "octet.isa: unknown tier \"" + value
            + "\", expected one of baseline, avx2, avxvnni, avx512, avx512vnni, neon, dotprod, i8mm",
        assertThrows(IllegalArgumentException.class, Octet::open).getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"yes", "", "TRUE", "1"})
  void aFlagThatIsNeitherTrueNorFalseIsRefused(String value) {
    for (String name : List.of("octet.cache.verify", "octet.native.unproven", "octet.native.check")) {
      System.setProperty(name, value);
      assertEquals(name + ": expected true or false, got \"" + value + "\"",
          assertThrows(IllegalArgumentException.class, Octet::open).getMessage());
      System.clearProperty(name);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"many", "", "1.5", "99999999999"})
  void threadsThatAreNoNumberAreRefused(String value) {
    System.setProperty("octet.threads", value);
    assertEquals("octet.threads: expected a number from 1 to 32768, got \"" + value + "\"",
        assertThrows(IllegalArgumentException.class, Octet::open).getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 32769, Integer.MIN_VALUE})
  void threadsOutOfRangeAreRefused(int value) {
    System.setProperty("octet.threads", String.valueOf(value));
    assertEquals("octet.threads: expected a number from 1 to 32768, got " + value,
        assertThrows(IllegalArgumentException.class, Octet::open).getMessage());
    Octet.Builder builder = Octet.builder();
    assertEquals("threads: expected a number from 1 to 32768, got " + value,
        assertThrows(IllegalArgumentException.class, () -> builder.threads(value)).getMessage());
  }

  /** Names are ASCII: no locale makes another letter of them. */
  @Test
  void namesDoNotDependOnTheLocale() {
    java.util.Locale locale = java.util.Locale.getDefault();
    try {
      java.util.Locale.setDefault(java.util.Locale.forLanguageTag("tr"));
      System.setProperty("octet.engine", "native");
      assertSame(Engine.NATIVE, none().engine());
      System.setProperty("octet.isa", "avxvnni");
      assertSame(Isa.AVXVNNI, none().isa());
    } finally {
      java.util.Locale.setDefault(locale);
    }
  }

  @Test
  void anEngineThatThePropertyNamesIsForced() {
    System.setProperty("octet.engine", "onednn");
    UnsupportedOperationException e = assertThrows(UnsupportedOperationException.class, Octet::open);
    assertEquals(
        "engine ONEDNN, asked for by -Doctet.engine=onednn, is not available: "
            + "octet-onednn is neither on the module path nor on the class path",
        e.getMessage());
    assertNull(e.getCause());
    System.setProperty("octet.engine", "scalar");
    try (Octet octet = Octet.open()) {
      assertEquals("SCALAR: in use: plain Java loops, one thread",
          octet.report().lines().filter(line -> line.startsWith("SCALAR")).findFirst().orElseThrow());
      assertEquals("chosen: by -Doctet.engine=scalar",
          octet.report().lines().filter(line -> line.startsWith("chosen")).findFirst().orElseThrow());
      assertEquals(List.of(false, false, false, true),
          octet.engines().stream().map(status -> status.available()).toList());
    }
  }
}
