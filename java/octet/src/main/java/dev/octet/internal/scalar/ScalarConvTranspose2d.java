package dev.octet.internal.scalar;

import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.ConvTranspose2dSpec;
import dev.octet.engine.TransposedWeights;
import dev.octet.engine.Window;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/** The law of transposed convolution: accumulate over the taps that meet a pixel, bias, output. */
final class ScalarConvTranspose2d implements Conv2dKernel {
  private final ConvTranspose2dSpec spec;
  private final int out;
  /** {@code [output channel][row][column][input channel of the group]}. */
  private final short[][] centred;
  private final float[] weightScales;

  ScalarConvTranspose2d(ConvTranspose2dSpec spec) {
    this.spec = spec;
    this.out = spec.weights().outPerGroup();
    this.centred = CentredWeights.of(spec);
    this.weightScales = new float[out];
    for (int o = 0; o < out; o++) {
      weightScales[o] = spec.weights().scale(o);
    }
  }

  @Override
  public String name() {
    return ("scalar:" + spec.input().type() + spec.weights().type() + "_" + spec.output().type()
        + "_conv_transpose").toLowerCase(Locale.ROOT);
  }

  @Override
  public long packedBytes() {
    return CentredWeights.bytes(centred) + 4L * weightScales.length;
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width) {
    int outHeight = (int) spec.window().outHeight(height);
    int outWidth = (int) spec.window().outWidth(width);
    int outChannels = spec.outChannels();
    float[] floatBias = spec.floatBias();
    long index = 0;
    for (int image = 0; image < batch; image++) {
      for (int y = 0; y < outHeight; y++) {
        for (int x = 0; x < outWidth; x++) {
          for (int o = 0; o < outChannels; o++) {
            int accumulator = accumulate(src, image, height, width, y, x, o)
                + (spec.bias() == null ? 0 : spec.bias()[o]);
            ScalarOutput.store(spec.output(), accumulator, spec.input().scale(), false, weightScales[o % out],
                floatBias != null, floatBias == null ? 0 : floatBias[o], dst, index++);
          }
        }
      }
    }
  }

  /** One output: of each tap the pixel that it takes to (y, x), where there is one. */
  private int accumulate(MemorySegment src, int image, int height, int width, int y, int x, int o) {
    Window window = spec.window().window();
    TransposedWeights weights = spec.weights();
    int in = spec.inPerGroup();
    int first = o / out * in;
    int accumulator = 0;
    for (int ky = 0; ky < window.kernelHeight(); ky++) {
      long down = y + (long) window.padTop() - (long) ky * window.dilationHeight();
      for (int kx = 0; kx < window.kernelWidth(); kx++) {
        long across = x + (long) window.padLeft() - (long) kx * window.dilationWidth();
        if (down % window.strideHeight() != 0 || across % window.strideWidth() != 0) {
          continue;
        }
        long sy = down / window.strideHeight();
        long sx = across / window.strideWidth();
        if (sy < 0 || sy >= height || sx < 0 || sx >= width) {
          continue;
        }
        long pixel = (((long) image * height + sy) * width + sx) * weights.inChannels() + first;
        int tap = (ky * window.kernelWidth() + kx) * in;
        for (int i = 0; i < in; i++) {
          int a = ScalarOutput.load(src, spec.input().type(), pixel + i) - spec.input().zeroPoint();
          accumulator += a * centred[o][tap + i];
        }
      }
    }
    return accumulator;
  }
}
