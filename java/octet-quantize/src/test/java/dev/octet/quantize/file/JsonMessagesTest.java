package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.quantize.Observer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Whatever reads JSON says in which line and column it is none, and nothing of its parser. */
class JsonMessagesTest {
  private static final String BAD = "{\n  \"secret\" 1}";

  @TempDir
  Path folder;

  private static void told(Executable reading) {
    String message = assertThrows(IllegalArgumentException.class, reading).getMessage();
    assertTrue(message.contains("no JSON") && message.contains("line 2, column "), message);
    assertFalse(message.contains("Source") || message.contains("REDACTED") || message.contains("secret"),
        message);
  }

  @Test
  void indexAndDescription() throws IOException {
    for (String name : new String[]{"model.safetensors.index.json", "quant_model_description.json"}) {
      Path file = Files.writeString(folder.resolve(name), BAD);
      told(() -> WeightFile.open(file));
      assertTrue(assertThrows(MalformedFileException.class, () -> WeightFile.open(file)).getMessage()
          .startsWith(file.toString()));
    }
  }

  @Test
  void headerAndItsMetadata() {
    told(() -> SafetensorsFile.of(safetensors(BAD)));
    for (String key : new String[]{StoredQuantization.KEY, ForeignForms.KEY}) {
      told(() -> SafetensorsFile.of(safetensors(
          "{\"__metadata__\": {\"" + key + "\": \"{\\n  \\\"secret\\\" 1}\"}}")));
    }
  }

  private static MemorySegment safetensors(String header) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return MemorySegment.ofArray(ByteBuffer.allocate(8 + text.length).order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length).put(text).array());
  }

  @Test
  void observers() {
    Consumer<String> reader = Observer::fromJson;
    told(() -> reader.accept(BAD));
  }
}
