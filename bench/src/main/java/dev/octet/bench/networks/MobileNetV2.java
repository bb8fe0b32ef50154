package dev.octet.bench.networks;

import dev.octet.bench.networks.Layer.Activation;

/** MobileNetV2 of width 1. */
final class MobileNetV2 {
  /** Expansion, output channels, blocks, stride of the first block: table 2 of the paper. */
  private static final int[][] STAGES = {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2},
      {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
  private static final int CLASSES = 1000;

  private MobileNetV2() {}

  static Architecture of(int size) {
    Architecture network = new Architecture("mobilenetv2", size);
    int x = network.convolution("features.0", 0, 32, 3, 2, Activation.RELU6);
    int block = 1;
    for (int[] stage : STAGES) {
      for (int i = 0; i < stage[2]; i++) {
        x = invertedResidual(network, "features." + block++, x, stage[0], stage[1], i == 0 ? stage[3] : 1);
      }
    }
    x = network.convolution("features." + block, x, 1280, 1, 1, Activation.RELU6);
    x = network.globalAveragePool("avgpool", x);
    network.dense("classifier", x, CLASSES);
    return network;
  }

  private static int invertedResidual(Architecture network, String name, int x, int expansion,
      int outChannels, int stride) {
    int channels = network.tensor(x).channels();
    int y = expansion == 1
        ? x
        : network.convolution(name + ".expand", x, expansion * channels, 1, 1, Activation.RELU6);
    y = network.depthwise(name + ".depthwise", y, stride, Activation.RELU6);
    y = network.convolution(name + ".project", y, outChannels, 1, 1, Activation.NONE);
    return stride == 1 && channels == outChannels
        ? network.sum(name + ".add", x, y, Activation.NONE)
        : y;
  }
}
