package dev.octet.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Observers: by hand, against order statistics, against a plain reading of the papers, merged and refused.
 */
class ObserverTest {
  private static final List<CalibrationMethod> METHODS = List.of(CalibrationMethod.minMax(),
      CalibrationMethod.movingAverage(), CalibrationMethod.percentile(99), CalibrationMethod.entropy(),
      CalibrationMethod.meanSquaredError());

  static float[] gaussian(Random random, int n, double sigma) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (random.nextGaussian() * sigma);
    }
    return values;
  }

  private static Observer seen(CalibrationMethod method, float[]... batches) {
    Observer observer = Observer.perTensor("x", method);
    for (float[] batch : batches) {
      observer.observe(batch);
    }
    return observer;
  }

  private static Range range(Observer observer) {
    return observer.range(0, DataType.S8, true);
  }

  @Test
  void minMaxByHand() {
    Observer observer = seen(CalibrationMethod.minMax(), new float[]{-1, 509}, new float[]{3});
    assertEquals(new Range(-1, 509), range(observer));
    // 510 / 255; rint(0 + 0.5) = 0
    assertEquals(Quantization.perTensor(2, 0), observer.quantization(DataType.U8, false));
    assertEquals(Quantization.perTensor(509f / 127), observer.quantization(DataType.S8, true));
    // a range without 0 is widened; zeros alone have scale 1
    assertEquals(Quantization.perTensor(2, 0),
        seen(CalibrationMethod.minMax(), new float[]{5, 510}).quantization(DataType.U8, false));
    assertEquals(Quantization.perTensor(1, 0),
        seen(CalibrationMethod.minMax(), new float[]{0, -0f}).quantization(DataType.U8, false));
  }

  @Test
  void movingAverageByHand() {
    Observer observer = seen(new CalibrationMethod.MovingAverage(0.25), new float[]{-8, 4},
        new float[]{-4, 8},
        new float[]{-16, 0});
    // min -8, then -8 + 0.25 * 4 = -7, then -7 - 0.25 * 9 = -9.25; max 4, 5, 3.75
    assertEquals(new Range(-9.25f, 3.75f), range(observer));
    Observer other = seen(new CalibrationMethod.MovingAverage(0.25), new float[]{-1.25f, 7.75f});
    observer.merge(other);
    // three batches and one
    assertEquals(new Range(-7.25f, 4.75f), range(observer));
    assertEquals(4, observer.batches());
  }

  @Test
  void movingAverageOfWeightOneIsTheNewestBatch() {
    Observer observer = seen(new CalibrationMethod.MovingAverage(1), new float[]{-1e30f, 1e30f},
        new float[]{-0.1f, 0.3f});
    assertEquals(new Range(-0.1f, 0.3f), range(observer));
    assertEquals(new Range(-0.1f, 0.3f), range(Observer.fromBytes(observer.toBytes())));
    Observer nothing = Observer.perTensor("x", observer.method());
    nothing.merge(observer);
    assertEquals(new Range(-0.1f, 0.3f), range(nothing));
  }

  @Test
  void channelsAreWatchedApart() {
    // axis 1 of [2, 2, 2]: elements 0, 1, 4, 5 and 2, 3, 6, 7
    float[] values = {1, -2, 30, 40, 3, 4, -50, 60};
    Observer middle = Observer.perChannel("x", CalibrationMethod.minMax(), 1, 2);
    middle.observe(values, Shape.of(2, 2, 2));
    assertEquals(new Range(-2, 4), middle.range(0, DataType.S8, true));
    assertEquals(new Range(-50, 60), middle.range(1, DataType.S8, true));
    assertEquals(Quantization.perChannel(1, new float[]{4f / 127, 60f / 127}, new int[2]),
        middle.quantization(DataType.S8, true));
    // by a histogram, of one channel at a time
    Observer counted = Observer.perChannel("x", CalibrationMethod.percentile(100), 1, 2);
    counted.observe(values, Shape.of(2, 2, 2));
    assertEquals(new Range(-50, 60), counted.range(1, DataType.U8, false));
    assertEquals(new Range(-2, 4), counted.range(0, DataType.U8, false));
  }

  @Test
  void percentilesAreOrderStatisticsToOneBin() {
    long seed = 20240611;
    Random random = new Random(seed);
    for (int round = 0; round < 40; round++) {
      float[] values = gaussian(random, 1 + random.nextInt(5000), Math.exp(random.nextGaussian() * 20));
      if (round % 4 == 0) {
        for (int i = 0; i < values.length; i++) {
          values[i] = Math.abs(values[i]);
        }
      }
      double percent = round % 5 == 0 ? 100 : 50 + random.nextInt(1, 50) + random.nextDouble();
      Observer observer = seen(CalibrationMethod.percentile(percent), values);
      float[] sorted = values.clone();
      Arrays.sort(sorted);
      float[] absolute = new float[values.length];
      for (int i = 0; i < absolute.length; i++) {
        absolute[i] = Math.abs(values[i]);
      }
      Arrays.sort(absolute);
      float absmax = absolute[absolute.length - 1];
      String message = "seed " + seed + " round " + round + " percent " + percent;

      float exact = absolute[(int) Math.ceil(percent / 100 * values.length) - 1];
      Range symmetric = range(observer);
      float threshold = symmetric.absmax();
      assertTrue(threshold >= exact && threshold <= exact + absmax / 2048,
          message + ": " + threshold + " for " + exact);

      double kept = 1 - (100 - percent) / 200;
      float high = sorted[(int) Math.ceil(kept * values.length) - 1];
      float low = sorted[values.length - (int) Math.ceil(kept * values.length)];
      Range asymmetric = observer.range(0, DataType.U8, false);
      assertTrue(asymmetric.max() >= high && asymmetric.max() <= high + absmax / 2048, message);
      assertTrue(asymmetric.min() <= low && asymmetric.min() >= low - absmax / 2048, message);
      if (percent == 100) {
        assertEquals(new Range(sorted[0], sorted[sorted.length - 1]), asymmetric, message);
      }
    }
  }

  /**
   * The search of Migacz (GTC 2017) over absolute values, with the bin of 0 as NVIDIA's calibrator has it.
   */
  private static double entropyThreshold(float[] values, double width, int levels) {
    double absmax = 0;
    for (float x : values) {
      absmax = Math.max(absmax, Math.abs(x));
    }
    double[] bin = new double[(int) (absmax / width) + 1];
    for (float x : values) {
      bin[(int) (Math.abs((double) x) / width)]++;
    }
    bin[0] = bin[1];
    double least = Double.MAX_VALUE;
    double threshold = 0;
    for (int i = levels; i <= bin.length; i++) {
      double[] reference = Arrays.copyOf(bin, i);
      for (int j = i; j < bin.length; j++) {
        reference[i - 1] += bin[j];
      }
      double[] candidate = new double[i];
      double[] sum = new double[levels];
      int[] full = new int[levels];
      for (int j = 0; j < i; j++) {
        int level = Math.min(j / (i / levels), levels - 1);
        sum[level] += bin[j];
        full[level] += reference[j] == 0 ? 0 : 1;
      }
      for (int j = 0; j < i; j++) {
        int level = Math.min(j / (i / levels), levels - 1);
        candidate[j] = reference[j] == 0 ? 0 : sum[level] / full[level];
      }
      double divergence = divergence(smooth(reference), smooth(candidate));
      if (divergence < least) {
        least = divergence;
        threshold = Math.min(i * width, absmax);
      }
    }
    return threshold;
  }

  private static double[] smooth(double[] p) {
    long zeros = Arrays.stream(p).filter(x -> x == 0).count();
    double taken = 1e-4 * zeros / (p.length - zeros);
    return Arrays.stream(p).map(x -> x == 0 ? 1e-4 : x - taken).toArray();
  }

  private static double divergence(double[] p, double[] q) {
    double pSum = Arrays.stream(p).sum();
    double qSum = Arrays.stream(q).sum();
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      sum += p[i] / pSum * Math.log((p[i] / pSum) / (q[i] / qSum));
    }
    return sum;
  }

  @Test
  void entropyAsPublished() {
    long seed = 77;
    Random random = new Random(seed);
    for (int round = 0; round < 4; round++) {
      float[] values = gaussian(random, 20_000, 1);
      if (round > 0) {
        for (int i = 0; i < 20; i++) {
          values[i * 31] *= 3 + round;
        }
      }
      DataType type = round == 3 ? DataType.S4 : DataType.S8;
      Observer observer = seen(CalibrationMethod.entropy(), values);
      float absmax = observer.channel(0).max;
      absmax = Math.max(absmax, -observer.channel(0).min);
      double width = Math.scalb(1.0, Math.getExponent(absmax) + 1 - 12);
      double expected = entropyThreshold(values, width, type == DataType.S4 ? 8 : 128);
      Range found = observer.range(0, type, true);
      // where two divergences differ in the last bits alone, either may win
      assertEquals(expected, found.absmax(), 1e-6 * absmax, "seed " + seed + " round " + round);
      assertTrue(round == 0 || found.absmax() < absmax, "outliers are clipped");
    }
  }

  @Test
  void zerosOfAReluDoNotDriveEntropyDown() {
    float[] values = gaussian(new Random(21), 30_000, 1);
    Observer without = seen(CalibrationMethod.entropy(), values);
    Observer with = seen(CalibrationMethod.entropy(), values, new float[30_000]);
    assertEquals(without.range(0, DataType.U8, false), with.range(0, DataType.U8, false));
    Range relu = seen(CalibrationMethod.entropy(), WeightsTest.relu(values)).range(0, DataType.U8, false);
    assertTrue(relu.min() == 0 && relu.max() > 2.5, relu.toString());
    assertEquals(new Range(0, 0), range(seen(CalibrationMethod.entropy(), new float[10])));
  }

  @Test
  void meanSquaredErrorByHand() {
    // S4 symmetric: a thousand at 7, one at 8. Clipped at 7 (112 of 128), the one loses 1. Not clipped, the
    // grid is 8 / 7 and the thousand lose 1/7 each, 20.4 in squares; one share to either side, 1/16, 3.9
    float[] values = new float[1001];
    Arrays.fill(values, 7);
    values[500] = 8;
    Range range = seen(CalibrationMethod.meanSquaredError(), values).range(0, DataType.S4, true);
    assertEquals(7, range.max());
    // nothing to gain: the full range of integers on the grid
    Range exact = seen(CalibrationMethod.meanSquaredError(), new float[]{-7, 7, 0, 3}).range(0, DataType.S4,
        true);
    assertEquals(new Range(-7, 7), exact);
  }

  @Test
  void meanSquaredErrorIsTheLeastOfAllShares() {
    long seed = 5;
    float[] values = gaussian(new Random(seed), 4000, 3);
    for (boolean symmetric : new boolean[]{true, false}) {
      Range found = seen(CalibrationMethod.meanSquaredError(), values).range(0, DataType.S4, symmetric);
      Range full = range(seen(CalibrationMethod.minMax(), values));
      double best = Double.MAX_VALUE;
      for (int share = 1; share <= 128; share++) {
        best = Math.min(best, error(values, full.min() * share / 128, full.max() * share / 128, symmetric));
      }
      double got = error(values, found.min(), found.max(), symmetric);
      assertTrue(got <= best * 1.001, "seed " + seed + ": " + got + " where " + best + " was possible");
      assertTrue(got < 0.9 * error(values, full.min(), full.max(), symmetric), "clipping pays at 4 bits");
    }
  }

  private static double error(float[] values, float min, float max, boolean symmetric) {
    double scale = symmetric ? Math.max(-min, max) / 7 : (max - min) / 15;
    double zero = symmetric ? 0 : Math.rint(-8 - min / scale);
    double sum = 0;
    for (float x : values) {
      double q = Math.clamp(Math.rint(x / scale) + zero, symmetric ? -7 : -8, 7);
      sum += Math.pow(x - scale * (q - zero), 2);
    }
    return sum;
  }

  @Test
  void mergedIsAsIfOneHadSeenAll() {
    for (CalibrationMethod method : METHODS) {
      for (int seed = 0; seed < 20; seed++) {
        Random random = new Random(seed);
        int axis = seed % 2;
        Observer all = Observer.perChannel("x", method, axis, 3);
        Observer[] workers = new Observer[4];
        for (int w = 0; w < 4; w++) {
          workers[w] = Observer.perChannel("x", method, axis, 3);
          for (int batch = random.nextInt(3); batch > 0; batch--) {
            // ranges far apart, zeros and subnormals too
            float[] values = gaussian(random, 300, Math.scalb(1.0, random.nextInt(-140, 100)));
            all.observe(values, axis == 0 ? Shape.of(3, 100) : Shape.of(100, 3));
            workers[w].observe(values, axis == 0 ? Shape.of(3, 100) : Shape.of(100, 3));
          }
        }
        Observer merged = workers[3];
        for (int w = 0; w < 3; w++) {
          merged.merge(Observer.fromJson(workers[w].toJson()));
        }
        if (method instanceof CalibrationMethod.MovingAverage) {
          assertEquals(all.batches(), merged.batches());
        } else {
          assertEquals(all.toJson(), merged.toJson(), method + " seed " + seed);
        }
      }
    }
  }

  @Test
  void whatIsNoNumberIsNamedAndNothingOfItsBatchCounted() {
    for (CalibrationMethod method : METHODS) {
      Observer observer = Observer.perTensor("encoder.0.input", method);
      observer.observe(1, 2);
      String before = observer.toJson();
      for (float bad : new float[]{Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
        float[] values = new float[12];
        values[7] = bad;
        refused("encoder.0.input[1, 3]: expected a finite number, got " + bad,
            () -> observer.observe(values, Shape.of(3, 4)));
      }
      assertEquals(before, observer.toJson());
    }
  }

  @Test
  void errorsNameTheTensor() {
    Observer observer = Observer.perChannel("w", CalibrationMethod.minMax(), 1, 3);
    refused("w: expected 6 values for shape [2, 3], got 5",
        () -> observer.observe(new float[5], Shape.of(2, 3)));
    refused("w: expected 3 channels on axis 1, got shape [3, 2]",
        () -> observer.observe(new float[6], Shape.of(3, 2)));
    assertEquals("w: no values were observed",
        assertThrows(IllegalStateException.class, () -> range(observer)).getMessage());
    observer.observe(new float[0], Shape.of(0, 3));
    assertEquals(0, observer.batches());
    refused("merge: expected an observer of w (MinMax[], 3 channels on axis 1), got one of w (Entropy[], 3 "
        + "channels on axis 1)",
        () -> observer.merge(Observer.perChannel("w", CalibrationMethod.entropy(), 1, 3)));
    refused("percent: expected above 50 and at most 100, got 50.0", () -> CalibrationMethod.percentile(50));
    refused("type: expected S8 or S4, got U8", () -> observer.quantization(DataType.U8, true));
  }

  @Test
  void aRangeAwayFromZeroMayBeCutToOnePoint() {
    float[] values = new float[1000];
    Arrays.fill(values, 5);
    values[0] = 8;
    Observer observer = seen(CalibrationMethod.percentile(99), values);
    // the bin of 5 ends 1 / 256 above it
    assertEquals(new Range(5, 5 + 1 / 256f), range(observer));
    values[1] = -0.5f;
    values[2] = 20;
    assertEquals(new Range(-0.5f, 5 + 1 / 128f), range(seen(CalibrationMethod.percentile(99), values)));
  }

  @Test
  void theLargestAndSmallestFloatsHaveTheirBins() {
    float[] values = {Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE, -Float.MIN_VALUE, 0};
    Observer observer = seen(CalibrationMethod.percentile(100), values);
    assertEquals(new Range(-Float.MAX_VALUE, Float.MAX_VALUE), range(observer));
    Observer tiny = seen(CalibrationMethod.percentile(100), new float[]{0}, new float[]{Float.MIN_VALUE},
        new float[]{-Float.MIN_VALUE});
    assertEquals(new Range(-Float.MIN_VALUE, Float.MIN_VALUE), range(tiny));
    assertEquals(tiny.toJson(), Observer.fromJson(tiny.toJson()).toJson());
    refused("x: the range from -3.4028235E38 to 3.4028235E38 overflows binary32",
        () -> observer.quantization(DataType.U8, false));
  }

  static void refused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }

  @Test
  void anOutlierThatHidesTheRestIsNamed() {
    Random random = new Random(3);
    float[] x = new float[20_001];
    for (int i = 0; i < x.length - 1; i++) {
      x[i] = (float) random.nextGaussian() * 1e-3f;
    }
    for (CalibrationMethod method : List.of(CalibrationMethod.percentile(99), CalibrationMethod.entropy())) {
      Observer well = Observer.perTensor("l.input", method);
      well.observe(x);
      assertEquals(List.of(), well.warnings());
      x[x.length - 1] = 1000;
      Observer spoilt = Observer.perTensor("l.input", method);
      spoilt.observe(x);
      assertEquals(1, spoilt.warnings().size());
      String said = spoilt.warnings().getFirst();
      assertTrue(said.startsWith("l.input: 20000 of 20001 numbers lie within one bin, of width 0.250"), said);
      x[x.length - 1] = 0;
    }
    Observer zeros = Observer.perTensor("z", CalibrationMethod.entropy());
    zeros.observe(new float[100]);
    assertEquals(List.of(), zeros.warnings(), "nothing is hidden");
  }

  @Test
  void zerosAndNothingElse() {
    for (CalibrationMethod method : List.of(CalibrationMethod.minMax(), CalibrationMethod.movingAverage(),
        CalibrationMethod.percentile(99), CalibrationMethod.entropy())) {
      Observer observer = Observer.perChannel("z", method, 1, 2);
      assertFalse(observer.sawOnlyZeros(), "it saw nothing");
      observer.observe(new float[]{0, 0, -0f, 0}, Shape.of(2, 2));
      assertTrue(observer.sawOnlyZeros(), method.toString());
      observer.observe(new float[]{0, 0, 0, Float.MIN_VALUE}, Shape.of(2, 2));
      assertFalse(observer.sawOnlyZeros(), method.toString());
    }
  }
}
