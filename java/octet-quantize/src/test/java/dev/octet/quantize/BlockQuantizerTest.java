package dev.octet.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class BlockQuantizerTest {
  private static final int COLUMNS = 256;
  private static final int ROWS = 64;

  /** Of every size of value, and with blocks of zeros, of one sign and of one value. */
  @ParameterizedTest
  @EnumSource(names = {"Q4_0", "Q8_0", "Q4_K", "Q6_K", "MXFP4"})
  void noBlockIsFurtherOffThanWithTheUsualScale(BlockFormat format) {
    Random random = new Random(17);
    double sum = 0;
    double usual = 0;
    for (int block = 0; block < 400; block++) {
      float[] x = block(random, block, format.elements());
      double error = squaredError(x, floats(BlockQuantizer.quantize(format, Shape.of(x.length), x)));
      double reference = squaredError(x, usual(format, x));
      assertTrue(error <= reference * (1 + 1e-6),
          format + ", block " + block + ": " + error + " > " + reference);
      sum += error / (1e-30 + reference);
      usual++;
    }
    assertTrue(sum < 0.97 * usual, format + ": " + sum / usual);
  }

  private static float[] block(Random random, int kind, int elements) {
    float[] x = new float[elements];
    double scale = Math.pow(10, random.nextInt(6) - 3);
    for (int i = 0; i < elements; i++) {
      double normal = random.nextGaussian();
      x[i] = (float) (scale * switch (kind % 8) {
        case 0 -> random.nextDouble();
        case 1 -> -random.nextDouble() - 1;
        case 2 -> i % 32 < 16 ? 0 : normal;
        case 3 -> i == 5 ? 20 * normal : normal;
        case 4 -> 1;
        case 5 -> normal * normal * normal;
        default -> normal;
      });
    }
    return x;
  }

  /** Scales as a reader of the formats would write them down first, without any search. */
  private static float[] usual(BlockFormat format, float[] x) {
    float[] result = new float[x.length];
    switch (format) {
      case Q4_0 -> plain(x, result, half(peak(x, 0, 32) / -8), 0, 32, -8, 7);
      case Q8_0 -> plain(x, result, half(Math.abs(peak(x, 0, 32)) / 127), 0, 32, -127, 127);
      case MXFP4 -> {
        float unit = (float) Math.scalb(1.0, Math.getExponent(peak(x, 0, 32)) - 2);
        float[] levels = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};
        for (int i = 0; i < x.length; i++) {
          float nearest = 0;
          for (float level : levels) {
            if (Math.abs(Math.abs(x[i]) - level * unit) < Math.abs(Math.abs(x[i]) - nearest)) {
              nearest = level * unit;
            }
          }
          result[i] = Math.copySign(nearest, x[i]);
        }
      }
      case Q6_K -> {
        float[] scales = new float[16];
        for (int group = 0; group < 16; group++) {
          scales[group] = peak(x, 16 * group, 16) / -32;
        }
        float d = half(peak(scales, 0, 16) / -128);
        for (int group = 0; group < 16; group++) {
          plain(x, result, d * round(scales[group], d, -128, 127), 16 * group, 16, -32, 31);
        }
      }
      default -> affine(x, result);
    }
    return result;
  }

  private static void affine(float[] x, float[] result) {
    float[] scales = new float[8];
    float[] minimums = new float[8];
    for (int group = 0; group < 8; group++) {
      float lowest = 0;
      float highest = Float.NEGATIVE_INFINITY;
      for (int i = 32 * group; i < 32 * (group + 1); i++) {
        lowest = Math.min(lowest, x[i]);
        highest = Math.max(highest, x[i]);
      }
      scales[group] = Math.max(0, highest - lowest) / 15;
      minimums[group] = -lowest;
    }
    float d = half(peak(scales, 0, 8) / 63);
    float dmin = half(peak(minimums, 0, 8) / 63);
    for (int i = 0; i < x.length; i++) {
      float scale = d * round(scales[i / 32], d, 0, 63);
      float minimum = dmin * round(minimums[i / 32], dmin, 0, 63);
      result[i] = scale * round(x[i] + minimum, scale, 0, 15) - minimum;
    }
  }

  private static void plain(float[] x, float[] result, float scale, int from, int count, int lo, int hi) {
    for (int i = from; i < from + count; i++) {
      result[i] = scale * round(x[i], scale, lo, hi);
    }
  }

  private static int round(float value, float scale, int lo, int hi) {
    return scale == 0 ? 0 : Math.clamp(Math.round(value / scale), lo, hi);
  }

  private static float peak(float[] x, int from, int count) {
    float peak = 0;
    for (int i = from; i < from + count; i++) {
      peak = Math.abs(x[i]) > Math.abs(peak) ? x[i] : peak;
    }
    return peak;
  }

  private static float half(float value) {
    return Float.float16ToFloat(Float.floatToFloat16(value));
  }

  private static double squaredError(float[] x, float[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += ((double) x[i] - y[i]) * ((double) x[i] - y[i]);
    }
    return sum;
  }

  private static float[] floats(BlockTensor tensor) {
    float[] all = new float[(int) tensor.shape().elements()];
    float[] row = new float[tensor.columns()];
    for (int i = 0; i < tensor.rows(); i++) {
      tensor.dequantize(i, row);
      System.arraycopy(row, 0, all, i * row.length, row.length);
    }
    return all;
  }

  /** Blocks that use their whole range are found again: nothing is lost by quantizing twice. */
  @ParameterizedTest
  @EnumSource(names = {"Q4_0", "Q8_0", "MXFP4"})
  void blocksComeBack(BlockFormat format) {
    Random random = new Random(5);
    byte[] bytes = new byte[ROWS * COLUMNS / 32 * format.bytes()];
    random.nextBytes(bytes);
    for (int at = 0; at < bytes.length; at += format.bytes()) {
      if (format == BlockFormat.MXFP4) {
        bytes[at] = (byte) (100 + random.nextInt(60));
        bytes[at + 1] = (byte) ((bytes[at + 1] & 0xf0) | 7); // 12
      } else {
        short d = Float.floatToFloat16((float) random.nextGaussian());
        bytes[at] = (byte) d;
        bytes[at + 1] = (byte) (d >> 8);
        bytes[at + 2] = format == BlockFormat.Q8_0 ? 127 : (byte) (bytes[at + 2] & 0xf0); // -8
        for (int i = at + 3; format == BlockFormat.Q8_0 && i < at + format.bytes(); i++) {
          bytes[i] = (byte) Math.max(-127, bytes[i]);
        }
      }
    }
    float[] x = floats(BlockTensor.of(format, Shape.of(ROWS, COLUMNS), MemorySegment.ofArray(bytes)));
    float[] again = floats(BlockQuantizer.quantize(format, Shape.of(ROWS, COLUMNS), x));
    for (int i = 0; i < x.length; i++) {
      assertEquals(x[i] + 0f, again[i] + 0f, format + " " + i); // of either zero
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"Q4_0", "Q8_0", "Q4_K", "Q6_K", "MXFP4"})
  void smallAndLargeValues(BlockFormat format) {
    int n = format.elements();
    float[] zeros = new float[n];
    assertArrayEquals(zeros, floats(BlockQuantizer.quantize(format, Shape.of(n), zeros)));
    float[] tiny = new float[n];
    Arrays.fill(tiny, Float.MIN_VALUE);
    tiny[3] = -1e-40f;
    for (float value : floats(BlockQuantizer.quantize(format, Shape.of(n), tiny))) {
      assertEquals(0, value, 1e-30f);
    }
    float[] large = new float[n];
    large[1] = -Float.MAX_VALUE;
    large[2] = Float.MAX_VALUE;
    if (format == BlockFormat.MXFP4) {
      assertEquals(0x1.8p127f, floats(BlockQuantizer.quantize(format, Shape.of(n), large))[2]);
    } else {
      String said = assertThrows(IllegalArgumentException.class,
          () -> BlockQuantizer.quantize(format, Shape.of(n), large)).getMessage();
      assertEquals(
          "values: the block of values[0], with -3.4028235E38, needs a scale beyond binary16", said);
    }
    large[2] = Float.NaN;
    assertEquals("values[2]: expected a finite number, got NaN",
        assertThrows(IllegalArgumentException.class,
            () -> BlockQuantizer.quantize(format, Shape.of(n), large)).getMessage());
  }

  /** The usual power of two makes 6 of 7.99, and so of all up to 8. */
  @Test
  void mxfp4DoesNotClip() {
    float[] x = new float[32];
    Arrays.fill(x, 7.99f);
    assertEquals(8, floats(BlockQuantizer.quantize(BlockFormat.MXFP4, Shape.of(32), x))[0]);
  }

  @Test
  void partsOfAnArray() {
    float[] x = new float[100];
    Arrays.fill(x, 3, 67, 0.5f);
    byte[] bytes = BlockQuantizer.quantize(BlockFormat.Q8_0, x, 3, 64);
    assertEquals(68, bytes.length);
    assertArrayEquals(BlockQuantizer.quantize(BlockFormat.Q8_0, x, 3, 32), Arrays.copyOf(bytes, 34));
    assertThrows(IndexOutOfBoundsException.class,
        () -> BlockQuantizer.quantize(BlockFormat.Q8_0, x, 70, 64));
    assertEquals("count: expected whole blocks of 32 for Q8_0, got 31",
        assertThrows(IllegalArgumentException.class,
            () -> BlockQuantizer.quantize(BlockFormat.Q8_0, x, 0, 31)).getMessage());
    assertEquals("values: expected the 64 of [64], got 100", assertThrows(IllegalArgumentException.class,
        () -> BlockQuantizer.quantize(BlockFormat.Q8_0, Shape.of(64), x)).getMessage());
  }

  @ParameterizedTest
  @EnumSource(names = {"Q4_0", "Q8_0", "Q4_K", "Q6_K", "MXFP4"}, mode = Mode.EXCLUDE)
  void formatsThatAreNotOffered(BlockFormat format) {
    assertFalse(BlockQuantizer.isOffered(format));
    assertEquals("format: floats are quantized to Q4_0, Q8_0, Q4_K, Q6_K and MXFP4, not to " + format,
        assertThrows(UnsupportedOperationException.class,
            () -> BlockQuantizer.quantize(format, new float[256], 0, 256)).getMessage());
  }
}
