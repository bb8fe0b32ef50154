package dev.octet.internal.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.engine.ConvWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Weights of a convolution in parts, and what they sum up to at borders, against plain arithmetic. */
class ConvTapsTest {
  private static ConvWeights weights(Random random, DataType type, int out, int h, int w, int in,
      boolean oihw) {
    byte[] bytes = new byte[out * h * w * in];
    random.nextBytes(bytes);
    float[] scales = new float[out];
    int[] zeroPoints = new int[out];
    Arrays.fill(scales, 1);
    for (int o = 0; o < out; o++) {
      zeroPoints[o] = type.min() + random.nextInt(256);
    }
    Quantization q = random.nextInt(4) == 0
        ? Quantization.perTensor(1, zeroPoints[0])
        : Quantization.perChannel(0, scales, zeroPoints);
    Shape shape = oihw ? Shape.of(out, in, h, w) : Shape.of(out, h, w, in);
    return ConvWeights.of(QTensor.of(type, shape, q, bytes), oihw ? WeightLayout.OIHW : WeightLayout.OHWI);
  }

  @Test
  void partsSumUpToTheWeights() {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      int out = 1 + random.nextInt(5);
      int h = 1 + random.nextInt(3);
      int w = 1 + random.nextInt(3);
      int in = 1 + random.nextInt(6);
      DataType type = random.nextBoolean() ? DataType.S8 : DataType.U8;
      ConvWeights weights = weights(random, type, out, h, w, in, random.nextBoolean());
      ConvTaps taps = new ConvTaps(weights);
      int min = random.nextBoolean() ? -128 : -64;
      int max = min == -128 ? 127 : 64;
      int parts = taps.parts(min, max);
      String what = "seed " + seed + " parts " + parts;
      assertTrue(parts >= 1 && parts <= 4, what);
      int stride = in + random.nextInt(3);
      long bound = 0;
      for (int o = 0; o < out; o++) {
        int[] sums = new int[h * w * in];
        for (int part = 0; part < parts; part++) {
          byte[] bytes = new byte[2 + h * w * stride];
          taps.write(o, part, min, max, bytes, 2, stride);
          long positive = 0;
          long negative = 0;
          for (int i = 0; i < sums.length; i++) {
            byte value = bytes[2 + i / in * stride + i % in];
            assertTrue(value >= min && value <= max, what + ": " + value);
            sums[i] += value;
            positive += Math.max(value, 0);
            negative += Math.max(-value, 0);
          }
          bound = Math.max(bound, 255 * Math.max(positive, negative));
        }
        for (int i = 0; i < sums.length; i++) {
          int expected = weights.get(o, i / in / w, i / in % w, i % in) - weights.zeroPoint(o);
          assertEquals(expected, sums[i], what + " channel " + o + " weight " + i);
        }
      }
      assertEquals(bound, taps.bound(parts, min, max), what);
    }
  }

  @Test
  void oneByteWhereItFits() {
    for (int value : new int[]{-128, 127}) {
      byte[] bytes = {(byte) value, 0};
      ConvTaps taps = new ConvTaps(ConvWeights.of(
          QTensor.of(DataType.S8, Shape.of(1, 1, 2, 1), Quantization.perTensor(1), bytes),
          WeightLayout.OHWI));
      assertEquals(1, taps.parts(-128, 127));
      assertEquals(2, taps.parts(-64, 64));
    }
    byte[] most = {(byte) 255, 64};
    ConvTaps taps = new ConvTaps(ConvWeights.of(
        QTensor.of(DataType.U8, Shape.of(1, 1, 2, 1), Quantization.perTensor(1), most), WeightLayout.OHWI));
    assertEquals(3, taps.parts(-128, 127));
    assertEquals(4, taps.parts(-64, 64));
  }

  @Test
  void termsOfEveryRectangle() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      int out = 1 + random.nextInt(4);
      int h = 1 + random.nextInt(4);
      int w = 1 + random.nextInt(4);
      int in = 1 + random.nextInt(4);
      ConvWeights weights = weights(random, DataType.S8, out, h, w, in, false);
      ConvTaps.Windows windows = new ConvTaps(weights).windows();
      int zeroPoint = random.nextInt(256);
      int[] bias = random.nextBoolean() ? null : random.ints(out).toArray();
      for (int y0 = 0; y0 <= h; y0++) {
        for (int y1 = y0; y1 <= h; y1++) {
          for (int x0 = 0; x0 <= w; x0++) {
            for (int x1 = x0; x1 <= w; x1++) {
              int[] terms = windows.terms(zeroPoint, bias, new TapRuns.Run(0, 1, y0, y1),
                  new TapRuns.Run(0, 1, x0, x1));
              for (int o = 0; o < out; o++) {
                int expected = bias == null ? 0 : bias[o];
                for (int tap = 0; tap < (y1 - y0) * (x1 - x0) * in; tap++) {
                  int y = y0 + tap / in / (x1 - x0);
                  int x = x0 + tap / in % (x1 - x0);
                  expected -= zeroPoint * (weights.get(o, y, x, tap % in) - weights.zeroPoint(o));
                }
                assertEquals(expected, terms[o],
                    "seed " + seed + ": taps " + y0 + ".." + y1 + ", " + x0 + ".." + x1);
              }
            }
          }
        }
      }
    }
  }

  @Test
  void runsOfTaps() {
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      int size = 1 + random.nextInt(12);
      int taps = 1 + random.nextInt(5);
      int stride = 1 + random.nextInt(3);
      int dilation = 1 + random.nextInt(3);
      int padding = random.nextInt(14);
      int outputs = 1 + random.nextInt(12);
      String what = "seed " + seed + ": size " + size + " taps " + taps + " stride " + stride + " dilation "
          + dilation + " padding " + padding;
      List<Integer> seen = new ArrayList<>();
      TapRuns.Run previous = null;
      for (TapRuns.Run run : TapRuns.of(size, outputs, taps, stride, dilation, padding)) {
        assertTrue(
            previous == null || previous.firstTap() != run.firstTap() || previous.endTap() != run.endTap(),
            what);
        previous = run;
        for (int o = run.first(); o < run.end(); o++) {
          seen.add(o);
          for (int tap = 0; tap < taps; tap++) {
            int at = o * stride - padding + tap * dilation;
            assertEquals(at >= 0 && at < size, tap >= run.firstTap() && tap < run.endTap(),
                what + ": output " + o + " tap " + tap);
          }
        }
      }
      assertEquals(outputs, seen.size(), what);
      for (int o = 0; o < outputs; o++) {
        assertEquals(o, seen.get(o), what);
      }
    }
  }
}
