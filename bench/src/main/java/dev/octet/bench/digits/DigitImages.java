package dev.octet.bench.digits;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Images of handwritten-looking digits, drawn: each is the strokes of a digit, moved by a random affine map
 * and an elastic distortion, drawn with a random pen, crossed by a random scratch, and covered with noise.
 * Hard enough that small networks err and that 4 bits hurt.
 *
 * @param pixels {@code [images][SIDE][SIDE]}, from -1 (paper) to 1 (ink)
 * @param labels the digits
 */
record DigitImages(float[] pixels, byte[] labels) {
  static final int SIDE = 16;
  static final int PIXELS = SIDE * SIDE;
  static final int DIGITS = 10;

  private static final int STEPS = 6;
  private static final double NOISE = 0.14;

  /**
   * The strokes, each a list of x, y through which a Catmull-Rom curve runs; a point given twice is a corner.
   */
  private static final double[][][] STROKES = {
      {{.50, .08, .26, .22, .20, .50, .26, .78, .50, .92, .74, .78, .80, .50, .74, .22, .50, .08}},
      {{.32, .28, .54, .08, .54, .08, .54, .92}},
      {{.24, .28, .34, .12, .54, .08, .74, .20, .70, .42, .48, .62, .22, .92, .22, .92, .80, .92}},
      {{.24, .18, .46, .08, .70, .16, .72, .34, .48, .46, .48, .46, .74, .56, .78, .76, .54, .92, .24, .84}},
      {{.62, .92, .62, .08, .62, .08, .18, .66, .18, .66, .84, .66}},
      {{.76, .08, .30, .08, .30, .08, .26, .46, .26, .46, .54, .40, .76, .54, .76, .76, .54, .92, .24, .84}},
      {{.70, .12, .46, .16, .28, .40, .24, .68, .38, .90, .62, .90, .76, .72, .66, .54, .44, .52, .26, .66}},
      {{.20, .08, .80, .08, .80, .08, .56, .46, .42, .92}},
      {{.50, .48, .28, .38, .28, .18, .50, .08, .72, .18, .72, .38, .50, .48, .24, .60, .24, .82, .50, .92,
          .76,
          .82, .76, .60, .50, .48}},
      {{.74, .34, .56, .48, .34, .44, .26, .26, .40, .10, .62, .10, .74, .32, .70, .66, .52, .92}}};

  /**
   * Draws images; digits take turns.
   *
   * @param seed the same seed, the same images
   * @param count how many
   * @return the images
   */
  static DigitImages draw(long seed, int count) {
    float[] pixels = new float[count * PIXELS];
    byte[] labels = new byte[count];
    // A generator for each image: they may be drawn in any order.
    SplittableRandom seeds = new SplittableRandom(seed);
    long[] each = seeds.longs(count).toArray();
    IntStream.range(0, count).forEach(image -> {
      labels[image] = (byte) (image % DIGITS);
      draw(new SplittableRandom(each[image]), labels[image], pixels, image * PIXELS);
    });
    return new DigitImages(pixels, labels);
  }

  int count() {
    return labels.length;
  }

  private static void draw(SplittableRandom random, int digit, float[] pixels, int at) {
    Distortion distortion = Distortion.of(random);
    double radius = .035 + .03 * random.nextDouble();
    double ink = .55 + .45 * random.nextDouble();
    double[] nearest = new double[PIXELS];
    Arrays.fill(nearest, 9);
    for (double[] stroke : STROKES[digit]) {
      double[] curve = distortion.apply(curve(stroke));
      for (int i = 0; i + 3 < curve.length; i += 2) {
        approach(nearest, curve[i], curve[i + 1], curve[i + 2], curve[i + 3]);
      }
    }
    double x = random.nextDouble();
    double y = random.nextDouble();
    double direction = random.nextDouble() * 2 * Math.PI;
    double length = .15 + .25 * random.nextDouble();
    approach(nearest, x, y, x + length * StrictMath.cos(direction), y + length * StrictMath.sin(direction));
    for (int p = 0; p < PIXELS; p++) {
      // The edge of a stroke is one pixel wide.
      double cover = Math.clamp((radius - nearest[p]) * SIDE + .5, 0, 1);
      double value = cover * ink + NOISE * gaussian(random);
      pixels[at + p] = (float) (2 * Math.clamp(value, 0, 1) - 1);
    }
  }

  /** Points on the curve through the points of a stroke. */
  private static double[] curve(double[] stroke) {
    int points = stroke.length / 2;
    double[] curve = new double[2 * ((points - 1) * STEPS + 1)];
    int n = 0;
    for (int i = 0; i + 1 < points; i++) {
      for (int s = 0; s < STEPS; s++) {
        double t = (double) s / STEPS;
        for (int axis = 0; axis < 2; axis++) {
          double p0 = stroke[2 * Math.max(0, i - 1) + axis];
          double p1 = stroke[2 * i + axis];
          double p2 = stroke[2 * i + 2 + axis];
          double p3 = stroke[2 * Math.min(points - 1, i + 2) + axis];
          curve[n++] = .5 * (2 * p1 + t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3
              + t * (3 * p1 - p0 - 3 * p2 + p3))));
        }
      }
    }
    curve[n++] = stroke[stroke.length - 2];
    curve[n] = stroke[stroke.length - 1];
    return curve;
  }

  /** Lowers each pixel's distance to that from a segment. */
  private static void approach(double[] nearest, double x0, double y0, double x1, double y1) {
    double dx = x1 - x0;
    double dy = y1 - y0;
    double square = dx * dx + dy * dy;
    for (int p = 0; p < PIXELS; p++) {
      int column = p % SIDE;
      int row = p / SIDE;
      double px = (column + .5) / SIDE - x0;
      double py = (row + .5) / SIDE - y0;
      double t = square == 0 ? 0 : Math.clamp((px * dx + py * dy) / square, 0, 1);
      double ex = px - t * dx;
      double ey = py - t * dy;
      nearest[p] = Math.min(nearest[p], Math.sqrt(ex * ex + ey * ey));
    }
  }

  /** Of twelve uniform numbers: the library's own is not promised to be the same everywhere. */
  private static double gaussian(SplittableRandom random) {
    double sum = -6;
    for (int i = 0; i < 12; i++) {
      sum += random.nextDouble();
    }
    return sum;
  }

  /** A random affine map about the centre, then a field of slow waves: the elastic part. */
  private record Distortion(double xx, double xy, double yx, double yy, double x, double y, double[] waves) {
    private static final int WAVES = 3;

    static Distortion of(SplittableRandom random) {
      double angle = spread(random, .25);
      double shear = spread(random, .25);
      double width = .78 * (1 + spread(random, .2));
      double height = .78 * (1 + spread(random, .2));
      double cos = StrictMath.cos(angle);
      double sin = StrictMath.sin(angle);
      double[] waves = new double[2 * WAVES * 4];
      for (int w = 0; w < waves.length; w += 4) {
        waves[w] = spread(random, .045);
        waves[w + 1] = spread(random, 9);
        waves[w + 2] = spread(random, 9);
        waves[w + 3] = spread(random, Math.PI);
      }
      return new Distortion(cos * width, (cos * shear - sin) * height, sin * width,
          (sin * shear + cos) * height, .5 + spread(random, .06), .5 + spread(random, .06), waves);
    }

    private static double spread(SplittableRandom random, double most) {
      return (2 * random.nextDouble() - 1) * most;
    }

    double[] apply(double[] curve) {
      double[] moved = new double[curve.length];
      for (int i = 0; i < curve.length; i += 2) {
        double u = curve[i] - .5;
        double v = curve[i + 1] - .5;
        moved[i] = x + xx * u + xy * v + wave(0, u, v);
        moved[i + 1] = y + yx * u + yy * v + wave(WAVES, u, v);
      }
      return moved;
    }

    private double wave(int first, double u, double v) {
      double sum = 0;
      for (int w = 4 * first; w < 4 * (first + WAVES); w += 4) {
        sum += waves[w] * StrictMath.sin(waves[w + 1] * u + waves[w + 2] * v + waves[w + 3]);
      }
      return sum;
    }
  }
}
