package dev.octet.quantize;

import static dev.octet.quantize.ObserverTest.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Measures of accuracy by hand. */
class AccuracyTest {
  @Test
  void byHand() {
    // errors 0, 1, 0, 2: noise 5, signal 9 + 1 + 0 + 16 = 26
    Accuracy accuracy = Accuracy.of(new float[]{3, 1, 0, 4}, new float[]{3, 2, 0, 2}, 2, 1);
    assertEquals(10 * Math.log10(26 / 5.0), accuracy.sqnr(), 1e-12);
    assertEquals(2, accuracy.maxError());
    assertEquals(2, accuracy.rows());
    // 9 + 2 + 0 + 8 over sqrt(26 * (9 + 4 + 4))
    assertEquals(19 / Math.sqrt(26 * 17), accuracy.cosine(), 1e-12);
    assertEquals(1, accuracy.top1());
    // softmax of (a, b) is (s, 1 - s), s = 1 / (1 + e^(b - a)): differences 2, 1 and -4, -2
    assertEquals((kl(2, 1) + kl(-4, -2)) / 2, accuracy.divergence(), 1e-12);
  }

  private static double kl(double reference, double actual) {
    double p = 1 / (1 + Math.exp(-reference));
    double q = 1 / (1 + Math.exp(-actual));
    return p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
  }

  @Test
  void theLargestElements() {
    // two of three largest {4, 3, 2} are found; the largest one is not
    Accuracy accuracy = Accuracy.of(new float[]{1, 9, 8, 7, 0}, new float[]{6, 5, 9, 1, 0}, 5, 3);
    assertEquals(0, accuracy.top1());
    assertEquals(2 / 3.0, accuracy.topK(), 1e-12);
    // equal ones: the first; a row shorter than k counts as a whole
    Accuracy equal = Accuracy.of(new float[]{1, 1}, new float[]{2, 1}, 2, 5);
    assertEquals(1, equal.top1());
    assertEquals(2, equal.k());
    assertEquals(1, equal.topK());
  }

  @Test
  void theSameAndZeros() {
    float[] x = {1, -2, 3};
    Accuracy same = Accuracy.of(x, x, 3, 1);
    assertEquals(Double.POSITIVE_INFINITY, same.sqnr());
    assertEquals(1, same.cosine(), 1e-12);
    assertEquals(0, same.divergence());
    assertEquals(1, Accuracy.of(new float[2], new float[2], 2, 1).cosine());
    assertEquals(0, Accuracy.of(new float[2], new float[]{1, 1}, 2, 1).cosine());
    // logits far apart: no overflow
    assertEquals(2000, Accuracy.of(new float[]{1000, -1000}, new float[]{-1000, 1000}, 2, 1).divergence(),
        1e-9);
  }

  @Test
  void batchesAddUp() {
    AccuracyMeter meter = new AccuracyMeter(2, 1);
    meter.add(new float[]{3, 1}, new float[]{3, 2});
    meter.add(new float[0], new float[0]);
    meter.add(new float[]{0, 4}, new float[]{0, 2});
    assertEquals(Accuracy.of(new float[]{3, 1, 0, 4}, new float[]{3, 2, 0, 2}, 2, 1), meter.result());
  }

  @Test
  void whatCannotBeComparedIsRefused() {
    refused("rows: expected both of the same number of rows of 2, got 4 and 2 numbers",
        () -> Accuracy.of(new float[4], new float[2], 2, 1));
    refused("rows[1, 0]: expected finite numbers, got 0.0 and NaN",
        () -> Accuracy.of(new float[4], new float[]{0, 0, Float.NaN, 0}, 2, 1));
    refused("rows: expected at least one, got none", () -> Accuracy.of(new float[0], new float[0], 2, 1));
    refused("columns and k: expected at least 1, got 2 and 0", () -> new AccuracyMeter(2, 0));
  }
}
