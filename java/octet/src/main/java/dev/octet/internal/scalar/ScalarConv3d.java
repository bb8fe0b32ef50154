package dev.octet.internal.scalar;

import dev.octet.engine.Conv3dKernel;
import dev.octet.engine.Conv3dSpec;
import dev.octet.engine.ConvWeights;
import dev.octet.engine.DepthWindow;
import dev.octet.engine.Window;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/**
 * The law of three-dimensional convolution: accumulate over the taps that lie in the volume, bias, output.
 */
final class ScalarConv3d implements Conv3dKernel {
  private final Conv3dSpec spec;
  private final short[][] centred;

  ScalarConv3d(Conv3dSpec spec) {
    this.spec = spec;
    this.centred = CentredWeights.of(spec.weights());
  }

  @Override
  public String name() {
    return ("scalar:" + spec.input().type() + spec.weights().type() + "_" + spec.output().type() + "_conv3d")
        .toLowerCase(Locale.ROOT);
  }

  @Override
  public long packedBytes() {
    return CentredWeights.bytes(centred);
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int depth, int height, int width) {
    int outDepth = (int) spec.depth().outDepth(depth);
    int outHeight = (int) spec.window().outHeight(height);
    int outWidth = (int) spec.window().outWidth(width);
    int outChannels = spec.weights().outChannels();
    float[] floatBias = spec.floatBias();
    long index = 0;
    for (long frame = 0; frame < (long) batch * outDepth; frame++) {
      long volume = frame / outDepth * depth * height * width * spec.inChannels();
      MemorySegment from = src.asSlice(volume);
      for (int y = 0; y < outHeight; y++) {
        for (int x = 0; x < outWidth; x++) {
          for (int o = 0; o < outChannels; o++) {
            int accumulator = (spec.bias() == null ? 0 : spec.bias()[o])
                + accumulate(from, depth, height, width, (int) (frame % outDepth), y, x, o);
            ScalarOutput.store(spec.output(), accumulator, spec.input().scale(), false,
                spec.weights().scale(o), floatBias != null, floatBias == null ? 0 : floatBias[o], dst,
                index++);
          }
        }
      }
    }
  }

  /** One output of a volume: the window at (z, y, x), the input channels of the group of output channel o. */
  private int accumulate(MemorySegment volume, int depth, int height, int width, int z, int y, int x, int o) {
    DepthWindow frames = spec.depth();
    Window window = spec.window();
    ConvWeights weights = spec.weights();
    int in = weights.inPerGroup();
    int firstChannel = o / (weights.outChannels() / spec.groups()) * in;
    int accumulator = 0;
    for (int row = 0; row < weights.height(); row++) {
      int kz = row / window.kernelHeight();
      int ky = row % window.kernelHeight();
      long sz = (long) z * frames.stride() + (long) kz * frames.dilation() - frames.padFront();
      long sy = (long) y * window.strideHeight() + (long) ky * window.dilationHeight() - window.padTop();
      for (int kx = 0; kx < window.kernelWidth(); kx++) {
        long sx = (long) x * window.strideWidth() + (long) kx * window.dilationWidth() - window.padLeft();
        if (sz < 0 || sz >= depth || sy < 0 || sy >= height || sx < 0 || sx >= width) {
          continue; // a padded tap is the zero point: it adds nothing
        }
        long pixel = ((sz * height + sy) * width + sx) * spec.inChannels() + firstChannel;
        int tap = (row * window.kernelWidth() + kx) * in;
        for (int i = 0; i < in; i++) {
          int a = ScalarOutput.load(volume, spec.input().type(), pixel + i) - spec.input().zeroPoint();
          accumulator += a * centred[o][tap + i];
        }
      }
    }
    return accumulator;
  }
}
