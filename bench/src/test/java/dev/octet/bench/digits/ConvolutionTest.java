package dev.octet.bench.digits;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The convolution of the trainer against its definition in double precision, forward and both gradients. */
class ConvolutionTest {
  private static final long SEED = 5;

  @Test
  void paddedWindow() {
    check(new LayerShape(3, 6, 5, 4, 3, 1, false, 1, false), 4);
  }

  @Test
  void unpaddedWindow() {
    check(new LayerShape(2, 7, 7, 5, 4, 0, false, 1, false), 3);
  }

  @Test
  void dense() {
    check(LayerShape.dense(4, 4, 7, true), 8);
    check(LayerShape.dense(9, 1, 3, true), 8);
  }

  private static void check(LayerShape shape, int batch) {
    Random random = new Random(SEED);
    float[] x = gaussian(random, shape.inChannels() * shape.inHeight() * shape.inWidth() * batch);
    float[] w = gaussian(random, shape.weights());
    int outputs = shape.outChannels() * shape.convHeight() * shape.convWidth() * batch;
    float[] dy = gaussian(random, outputs);
    double[] y = new double[outputs];
    double[] dx = new double[x.length];
    double[] dw = new double[w.length];
    for (int co = 0; co < shape.outChannels(); co++) {
      for (int oy = 0; oy < shape.convHeight(); oy++) {
        for (int ox = 0; ox < shape.convWidth(); ox++) {
          for (int tap = 0; tap < shape.weightsPerChannel(); tap++) {
            int ci = tap % shape.inChannels();
            int ix = ox + tap / shape.inChannels() % shape.window() - shape.padding();
            int iy = oy + tap / shape.inChannels() / shape.window() - shape.padding();
            if (ix < 0 || ix >= shape.inWidth() || iy < 0 || iy >= shape.inHeight()) {
              continue;
            }
            for (int b = 0; b < batch; b++) {
              int out = ((co * shape.convHeight() + oy) * shape.convWidth() + ox) * batch + b;
              int in = ((ci * shape.inHeight() + iy) * shape.inWidth() + ix) * batch + b;
              int weight = co * shape.weightsPerChannel() + tap;
              y[out] += (double) x[in] * w[weight];
              dx[in] += (double) dy[out] * w[weight];
              dw[weight] += (double) dy[out] * x[in];
            }
          }
        }
      }
    }
    Convolution convolution = new Convolution(shape, batch);
    // The second time, with all buffers used.
    for (int time = 0; time < 2; time++) {
      float[] gotY = new float[y.length];
      float[] gotDx = new float[dx.length];
      float[] gotDw = new float[dw.length];
      convolution.forward(x, w, gotY);
      convolution.backward(dy, w, gotDw, gotDx);
      assertClose("y", y, gotY);
      assertClose("dx", dx, gotDx);
      assertClose("dw", dw, gotDw);
    }
  }

  private static void assertClose(String name, double[] expected, float[] got) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], got[i], 1e-4, "seed " + SEED + ", " + name + "[" + i + "]");
    }
  }

  private static float[] gaussian(Random random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
