package dev.octet.onnx.internal.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.value.ElementType;
import dev.octet.quantize.mapped.Mapping;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights become the same integers by engines, and by the Quantizer that writes files. */
class SignedWeightsTest {
  private static Known known(long[] dims, float... values) {
    return new Known(ElementType.F32, dims, MemorySegment.ofArray(values));
  }

  @Test
  void enginesQuantizeAsTheQuantizerDoes() {
    long seed = 4711;
    Random random = new Random(seed);
    for (Octet.Builder builder : List.of(Octet.builder().engine(Engine.SCALAR), Octet.builder())) {
      try (Octet octet = builder.open()) {
        for (int round = 0; round < 40; round++) {
          long[] dims = round % 2 == 0
              ? new long[]{random.nextInt(1, 200), random.nextInt(1, 200)}
              : new long[]{random.nextInt(1, 20), random.nextInt(1, 9), random.nextInt(1, 4), 3};
          int axis = round % 4 == 0 ? 1 : 0;
          float[] values = new float[(int) known(dims).elements()];
          for (int i = 0; i < values.length; i++) {
            // columns and rows of 10^-38 to 10^10, and some of zeros
            values[i] = (float) (random.nextGaussian() * Math.pow(10, (i / (int) dims[1] + i) % 49 - 38));
          }
          Known weights = known(dims, values);
          float[] scales = SignedWeights.scales(weights, axis);
          try (Arena arena = Arena.ofConfined()) {
            QTensor tensor = SignedWeights.of(octet, weights, axis, scales, arena);
            assertEquals(-1, SignedWeights.integers(weights, axis, scales).mismatch(tensor.data()),
                "seed " + seed + ", round " + round + ": " + tensor);
            assertArrayEquals(scales, tensor.quantization().scales());
          }
        }
      }
    }
  }

  /** Native code would end the process. */
  @Test
  void weightsOfAFileThatWasTruncatedAreAnError(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("weights"), new byte[1 << 20]);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Arena arena = Arena.ofConfined();
        Octet octet = Octet.open()) {
      MemorySegment data = channel.map(FileChannel.MapMode.READ_ONLY, 0, 1 << 20, arena);
      Known weights = new Known(ElementType.F32, new long[]{512, 512}, data);
      float[] scales = SignedWeights.scales(weights, 0);
      channel.truncate(0);
      assertThrows(InternalError.class,
          () -> Mapping.raisingFaults(() -> SignedWeights.of(octet, weights, 0, scales, arena)));
    }
  }

  @Test
  void scalesAreOfTheLargestMagnitude() {
    Known weights = known(new long[]{2, 3}, 1, -254, 0x1p-42f, -127, 5, -0x1p-43f);
    assertArrayEquals(new float[]{127, 254, 0x1p-42f}, SignedWeights.largest(weights, 1));
    assertArrayEquals(new float[]{254, 127}, SignedWeights.largest(weights, 0));
    assertArrayEquals(new float[]{1, 2, 1}, SignedWeights.scales(weights, 1));
    for (float bad : new float[]{Float.NaN, Float.NEGATIVE_INFINITY, 0x1p100f}) {
      for (int at = 0; at < 6; at++) {
        float[] values = {1, 2, 3, 4, 5, 6};
        values[at] = bad;
        assertNull(SignedWeights.scales(known(new long[]{2, 3}, values), at % 2));
      }
    }
  }
}
