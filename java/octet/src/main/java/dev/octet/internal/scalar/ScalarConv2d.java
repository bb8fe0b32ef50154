package dev.octet.internal.scalar;

import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.ConvWeights;
import dev.octet.engine.Window;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/** The law of convolution: accumulate over the taps that lie in the image, bias, output. */
final class ScalarConv2d implements Conv2dKernel {
  private final Conv2dSpec spec;
  private final short[][] centred;
  private final float[] weightScales;

  ScalarConv2d(Conv2dSpec spec) {
    this.spec = spec;
    this.centred = CentredWeights.of(spec.weights());
    this.weightScales = new float[spec.weights().outChannels()];
    for (int o = 0; o < weightScales.length; o++) {
      weightScales[o] = spec.weights().scale(o);
    }
  }

  @Override
  public String name() {
    return ("scalar:" + spec.input().type() + spec.weights().type() + "_" + spec.output().type() + "_conv")
        .toLowerCase(Locale.ROOT);
  }

  @Override
  public long packedBytes() {
    return CentredWeights.bytes(centred) + 4L * weightScales.length;
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width) {
    run(src, null, null, dst, batch, height, width);
  }

  @Override
  public void run(MemorySegment src, MemorySegment scales, MemorySegment zeroPoints, MemorySegment dst,
      int batch, int height, int width) {
    int outHeight = (int) spec.window().outHeight(height);
    int outWidth = (int) spec.window().outWidth(width);
    int outChannels = spec.weights().outChannels();
    float[] floatBias = spec.floatBias();
    long index = 0;
    for (int image = 0; image < batch; image++) {
      boolean atRun = spec.input().atRun();
      long entry = spec.perImage() ? image : 0;
      float scale = atRun ? scales.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * entry) : spec.input().scale();
      int zeroPoint = spec.input().zeroPoint();
      if (atRun && zeroPoints != null) {
        zeroPoint = zeroPoints.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * entry);
      }
      for (int y = 0; y < outHeight; y++) {
        for (int x = 0; x < outWidth; x++) {
          for (int o = 0; o < outChannels; o++) {
            int accumulator = accumulate(src, zeroPoint, image, height, width, y, x, o)
                + (spec.bias() == null ? 0 : spec.bias()[o]);
            ScalarOutput.store(spec.output(), accumulator, scale, atRun, weightScales[o],
                floatBias != null, floatBias == null ? 0 : floatBias[o], dst, index++);
          }
        }
      }
    }
  }

  /** One output: the window at (y, x), the input channels of the group of output channel o. */
  private int accumulate(MemorySegment src, int zeroPoint, int image, int height, int width, int y, int x,
      int o) {
    Window window = spec.window();
    ConvWeights weights = spec.weights();
    int in = weights.inPerGroup();
    int firstChannel = o / (weights.outChannels() / spec.groups()) * in;
    int accumulator = 0;
    for (int ky = 0; ky < window.kernelHeight(); ky++) {
      long sy = (long) y * window.strideHeight() + (long) ky * window.dilationHeight() - window.padTop();
      for (int kx = 0; kx < window.kernelWidth(); kx++) {
        long sx = (long) x * window.strideWidth() + (long) kx * window.dilationWidth() - window.padLeft();
        if (sy < 0 || sy >= height || sx < 0 || sx >= width) {
          continue; // a padded tap is the zero point: it adds nothing
        }
        long pixel = (((long) image * height + sy) * width + sx) * spec.inChannels() + firstChannel;
        int tap = (ky * window.kernelWidth() + kx) * in;
        for (int i = 0; i < in; i++) {
          int a = ScalarOutput.load(src, spec.input().type(), pixel + i) - zeroPoint;
          accumulator += a * centred[o][tap + i];
        }
      }
    }
    return accumulator;
  }
}
