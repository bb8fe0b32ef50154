package dev.octet.bench.digits;

import java.util.SplittableRandom;

/**
 * Trains a network, in float or fake-quantized: the rate falls along half a cosine, and for the last part of
 * the epochs batch normalization keeps its running statistics, as it will when the network runs.
 */
record Training(int epochs, float rate, boolean adam, double frozen) {
  private static final float MOMENTUM = .9f;

  /** Trains; gives the mean cross entropy of the last epoch. */
  double run(Network network, DigitImages images, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Optimizer optimizer = adam
        ? Optimizer.adam(network.parameters())
        : Optimizer.sgd(network.parameters(), MOMENTUM);
    int[] order = new int[images.count()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    int batches = order.length / Network.BATCH;
    int[] index = new int[Network.BATCH];
    byte[] label = new byte[Network.BATCH];
    double loss = 0;
    for (int epoch = 0; epoch < epochs; epoch++) {
      network.useStatisticsOfBatch(epoch < epochs * (1 - frozen));
      shuffle(order, random);
      loss = 0;
      for (int batch = 0; batch < batches; batch++) {
        for (int b = 0; b < index.length; b++) {
          index[b] = order[batch * Network.BATCH + b];
          label[b] = images.labels()[index[b]];
        }
        network.forward(images, index);
        loss += network.backward(label) / batches;
        double done = (epoch * (double) batches + batch) / (epochs * (double) batches);
        optimizer.step((float) (rate * .5 * (1 + StrictMath.cos(Math.PI * done))));
      }
    }
    return loss;
  }

  private static void shuffle(int[] order, SplittableRandom random) {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int other = order[j];
      order[j] = order[i];
      order[i] = other;
    }
  }
}
