package dev.octet.bench.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.bench.BenchFolder;
import dev.octet.bench.shape.BenchCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
        new Floors.Floor(BenchCase.of("octet-native", "matmul", "8x64x96", "u8s8s32", 1), 0.65),
        new Floors.Floor(BenchCase.of("octet-native", "add", "128x768", "s8s8s8", 1), 1))),
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

  @Test
  void ourOwnFilesAreRead() throws IOException {
    List<Floors.Floor> rows = Floors.read(BenchFolder.shapes().resolveSibling("gate/avx512vnni.txt")).rows();
    assertTrue(rows.size() >= 12, rows.toString());
    assertEquals(rows.size(), new HashSet<>(rows.stream().map(Floors.Floor::benchCase).toList()).size());
    for (Floors.Floor floor : rows) {
      assertTrue(floor.benchCase().op().takes(floor.benchCase().shape()), floor.toString());
      assertTrue(floor.share() < 0.75, floor + ": too high for a busy machine");
    }
  }
}
