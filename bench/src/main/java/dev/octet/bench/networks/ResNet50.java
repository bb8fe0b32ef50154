package dev.octet.bench.networks;

import dev.octet.bench.networks.Layer.Activation;

/**
 * ResNet-50 v1.5: the stride of a stage is in the 3x3 convolution of its first block, where version 1 has it
 * in the 1x1 convolution before.
 */
final class ResNet50 {
  private static final int[] BLOCKS = {3, 4, 6, 3};
  private static final int CLASSES = 1000;
  /** Channels of a block's output for each of its 3x3 convolution. */
  private static final int EXPANSION = 4;

  private ResNet50() {}

  static Architecture of(int size) {
    Architecture network = new Architecture("resnet50", size);
    int x = network.convolution("conv1", 0, 64, 7, 2, Activation.RELU);
    x = network.maxPool("maxpool", x, 3, 2, 1);
    int channels = 64;
    for (int stage = 0; stage < BLOCKS.length; stage++) {
      for (int block = 0; block < BLOCKS[stage]; block++) {
        String name = "layer" + (stage + 1) + "." + block;
        x = bottleneck(network, name, x, channels, block == 0 && stage > 0 ? 2 : 1);
      }
      channels *= 2;
    }
    x = network.globalAveragePool("avgpool", x);
    network.dense("fc", x, CLASSES);
    return network;
  }

  private static int bottleneck(Architecture network, String name, int x, int channels, int stride) {
    int outChannels = EXPANSION * channels;
    int y = network.convolution(name + ".conv1", x, channels, 1, 1, Activation.RELU);
    y = network.convolution(name + ".conv2", y, channels, 3, stride, Activation.RELU);
    y = network.convolution(name + ".conv3", y, outChannels, 1, 1, Activation.NONE);
    int shortcut = network.tensor(x).channels() == outChannels
        ? x
        : network.convolution(name + ".downsample", x, outChannels, 1, stride, Activation.NONE);
    return network.sum(name + ".add", y, shortcut, Activation.RELU);
  }
}
