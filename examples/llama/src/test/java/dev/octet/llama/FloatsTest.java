package dev.octet.llama;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What is computed outside of Octet's ops. */
class FloatsTest {
  @Test
  void exponential() {
    for (float x = -87; x <= 88; x += 0.0137f) {
      double expected = StrictMath.exp(x);
      assertEquals(expected, Floats.exp(x), 1e-7 * expected, "e^" + x);
    }
    assertEquals(Floats.exp(88), Floats.exp(Float.POSITIVE_INFINITY));
    assertEquals(Floats.exp(-87), Floats.exp(Float.NEGATIVE_INFINITY));
  }

  @Test
  void swiGlu() {
    float[] gateUp = {9, -30, 0, 1, 30, 100, -100, 5, 2, 3, -4, 5, 7};
    float[] y = new float[8];
    Floats.swiGlu(gateUp, 1, 6, y, 2);
    for (int i = 0; i < 6; i++) {
      double gate = gateUp[1 + i];
      double expected = gate / (1 + Math.exp(-gate)) * gateUp[7 + i];
      assertEquals(expected, y[2 + i], 1e-6 * Math.abs(expected) + 1e-30, "gate " + gate);
    }
    assertArrayEquals(new float[2], Arrays.copyOf(y, 2));
  }

  @Test
  void norm() {
    float[] y = new float[3];
    Floats.rmsNorm(new float[]{7, 3, 4}, 1, new float[]{2, 10}, 0, y, 1);
    double root = Math.sqrt(12.5);
    assertEquals(0, y[0]);
    assertEquals(6 / root, y[1], 1e-6);
    assertEquals(40 / root, y[2], 1e-5);
  }

  @Test
  void quantize() {
    byte[] y = new byte[6];
    assertEquals(2, Floats.quantize(new float[]{0, 254, -3, 5, -254}, 1, 4, y, 1));
    assertArrayEquals(new byte[]{0, 127, -2, 2, -127, 0}, y, "ties to even");
    assertEquals(1, Floats.quantize(new float[4], 0, 4, y, 0));
    // 180 / 127 of the smallest float is 1 of it
    float[] subnormal = {Float.intBitsToFloat(180), Float.intBitsToFloat(-0x80000000 + 180)};
    assertEquals(Float.MIN_VALUE, Floats.quantize(subnormal, 0, 2, y, 0));
    assertArrayEquals(new byte[]{127, -127}, Arrays.copyOf(y, 2));
  }
}
