package dev.octet.harness.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.harness.shape.BenchCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FloorsTest {
  @Test
  void lines(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("some.txt"), """
        # of some tier

        matmul 8x64x96 u8s8s32  0.65   # 0.97
        add 128x768 s8s8s8 1
        """);
    assertEquals(new Floors(List.of(
        new Floors.Floor("some.txt:3", BenchCase.of("octet-native", "matmul", "8x64x96", "u8s8s32", 1), 0.65),
        new Floors.Floor("some.txt:4", BenchCase.of("octet-native", "add", "128x768", "s8s8s8", 1), 1))),
        Floors.read(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"matmul 8x64x96 u8s8s32", "matmul 8x64x96 u8s8s32 0.0", "matmul 8x64x96 u8s8s32 -1",
      "matmul 8x64x96 u8s8s32 0.5 0.6", "matmul 8x64 u8s8s32 much"})
  void whatIsNoFloorIsNamed(String line, @TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("some.txt"), "\n" + line + "\n");
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Floors.read(file));
    assertEquals("some.txt:2: expected op, shape, dtype and a share above 0, got \"" + line + "\"",
        e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "matmul 128x768 u8s8s32 0.5 | shape of matmul: expected MxKxN such as 128x768x3072, got \"128x768\"",
      "add 8x64x96 s8s8s8 0.5 | shape of add: expected rows and columns such as 128x768, got \"8x64x96\"",
      "conv 8x64x96 u8s8u8q 0.5 | shape of conv: expected a convolution such as n1_64x56x56_oc64_k3s1p1, got \"8x64x96\"",
      "matmul 8x64x96 u8u8 0.5 | dtype of matmul: expected one such as f32, u8s8s32, u8s8u8q, s8s8s8q, f32s8f32, got \"u8u8\"",
      "quantize 8x64 s8s8s8 0.5 | dtype of quantize: expected one such as f32u8, got \"s8s8s8\"",
      "first 1x2 f32u8 0.5 | op \"first\": expected one of ",
      "quantize 2x3 f32u8 0.5 | a second floor of the case of some.txt:1"})
  void whatNoOpTakesIsNamed(String line, String message, @TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("some.txt"), "quantize 2x3 f32u8 0.1\n" + line + "\n");
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Floors.read(file));
    assertTrue(e.getMessage().startsWith("some.txt:2: " + message), e.getMessage());
  }

  @Test
  void aFileWithoutFloorsHoldsNothing(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("some.txt"), "# soon\n\n");
    assertEquals("some.txt: expected lines of op, shape, dtype and a share above 0, got none",
        assertThrows(IllegalArgumentException.class, () -> Floors.read(file)).getMessage());
  }
}
