package dev.octet.quantize.train;

import dev.octet.Shape;
import java.util.Arrays;
import java.util.Objects;

/**
 * Folds batch normalization into the weights of a layer before they are quantized, so that nothing of it is
 * left when the network runs on integers. Not safe for use by several threads.
 *
 * <p>
 * With {@code sigma = sqrt(runningVariance + epsilon)} the layer computes, in training and in inference,
 * {@code u = layer(x, Q(w * gamma / sigma))}, Q being the fake quantizer, without a bias. Then
 * <ul>
 * <li>inference form, {@link #foldBias}: {@code y = u + beta - gamma * runningMean / sigma}. That is
 * {@code gamma * (z - runningMean) / sigma + beta} of the plain layer's {@code z = layer(x, w)}, apart from
 * the quantization.
 * <li>training form, {@link #normalize}: {@code y = |gamma| * (u - mean(u)) / sqrt(var(u) + epsilon * gamma^2
 * / sigma^2) + beta} with mean and variance of the batch. That is
 * {@code gamma * (z - mean(z)) / sqrt(var(z) +
 * epsilon) + beta}: what plain batch normalization gives, while the quantized weights do not jitter with the
 * statistics of the batch (R. Krishnamoorthi, Quantizing deep convolutional networks for efficient inference,
 * 2018, section 3.2.2).
 * </ul>
 * A gamma of exactly 0 has no weights to learn by, and stays. Training begins in the training form and ends
 * in the inference form, where the statistics stand still. Each step calls {@link #foldWeights} first; what
 * follows in that step, backward included, uses its sigma.
 */
public final class FoldedBatchNorm {
  private final ChannelLayout layout;
  private final float epsilon;
  private final float momentum;
  private final float[] runningMean;
  private final float[] runningVariance;
  /** Of the last foldWeights. */
  private final double[] sigma;
  /** Of the last normalize: mean of u, and 1 / sqrt(var(u) + epsilon * gamma^2 / sigma^2). */
  private final double[] mean;
  private final double[] inverse;

  private FoldedBatchNorm(ChannelLayout layout, float epsilon, float momentum) {
    this.layout = layout;
    this.epsilon = epsilon;
    this.momentum = momentum;
    int channels = layout.channels();
    this.runningMean = new float[channels];
    this.runningVariance = new float[channels];
    this.sigma = new double[channels];
    this.mean = new double[channels];
    this.inverse = new double[channels];
    Arrays.fill(runningVariance, 1);
  }

  /**
   * Creates a normalization with running mean 0 and variance 1.
   *
   * @param output the shape of the layer's output for one batch, at least one element
   * @param channelAxis the axis of its channels, 0 for the outermost
   * @param epsilon added to variances, positive; 1e-5 is usual
   * @param momentum the share of a new batch in the running statistics, above 0, at most 1; 0.1 is usual
   * @return a normalization
   * @throws IllegalArgumentException if one is out of its range
   */
  public static FoldedBatchNorm of(Shape output, int channelAxis, float epsilon, float momentum) {
    Objects.requireNonNull(output, "output");
    if (!(epsilon > 0) || epsilon == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException("epsilon: expected a positive finite number, got " + epsilon);
    }
    if (!(momentum > 0 && momentum <= 1)) {
      throw new IllegalArgumentException("momentum: expected above 0 and at most 1, got " + momentum);
    }
    return new FoldedBatchNorm(ChannelLayout.of(output, channelAxis), epsilon, momentum);
  }

  /**
   * Returns the running mean of the plain layer's output.
   *
   * @return a copy, one for each channel
   */
  public float[] runningMean() {
    return runningMean.clone();
  }

  /**
   * Returns the running variance of the plain layer's output, estimated with n - 1.
   *
   * @return a copy, one for each channel
   */
  public float[] runningVariance() {
    return runningVariance.clone();
  }

  /**
   * Replaces the running statistics, by those of a network that was trained before.
   *
   * @param mean one for each channel, finite
   * @param variance one for each channel, finite and not negative
   * @throws IllegalArgumentException if a length or a number does not fit
   */
  public void setRunning(float[] mean, float[] variance) {
    Objects.requireNonNull(mean, "mean");
    Objects.requireNonNull(variance, "variance");
    layout.checkParameters("mean", mean);
    layout.checkParameters("variance", variance);
    for (int c = 0; c < mean.length; c++) {
      if (!Float.isFinite(mean[c])) {
        throw new IllegalArgumentException("mean[" + c + "]: expected a finite number, got " + mean[c]);
      }
      if (!(variance[c] >= 0) || variance[c] == Float.POSITIVE_INFINITY) {
        throw new IllegalArgumentException(
            "variance[" + c + "]: expected a finite number, not negative, got " + variance[c]);
      }
    }
    System.arraycopy(mean, 0, runningMean, 0, mean.length);
    System.arraycopy(variance, 0, runningVariance, 0, variance.length);
  }

  /**
   * Computes {@code folded = w * gamma / sigma}, with sigma of the running variance.
   *
   * @param w {@code [channels][any]}
   * @param gamma one for each channel
   * @param folded receives the result; may be w
   * @throws IllegalArgumentException if a length does not fit
   */
  public void foldWeights(float[] w, float[] gamma, float[] folded) {
    Objects.requireNonNull(w, "w");
    Objects.requireNonNull(gamma, "gamma");
    Objects.requireNonNull(folded, "folded");
    int inner = checkWeights("w", w);
    checkLike("folded", folded, w);
    layout.checkParameters("gamma", gamma);
    for (int c = 0; c < sigma.length; c++) {
      sigma[c] = Math.sqrt((double) runningVariance[c] + epsilon);
      float factor = (float) (gamma[c] / sigma[c]);
      for (int i = c * inner; i < (c + 1) * inner; i++) {
        folded[i] = w[i] * factor;
      }
    }
  }

  /**
   * Computes the gradients of {@link #foldWeights}.
   *
   * @param w the weights that it saw
   * @param gamma the factors that it saw
   * @param dFolded the gradient of its result
   * @param dW receives the gradient of the weights; may be dFolded
   * @param dGamma the gradients of gamma are added here
   * @throws IllegalArgumentException if a length does not fit
   */
  public void foldWeightsBackward(float[] w, float[] gamma, float[] dFolded, float[] dW, float[] dGamma) {
    Objects.requireNonNull(w, "w");
    Objects.requireNonNull(gamma, "gamma");
    Objects.requireNonNull(dFolded, "dFolded");
    Objects.requireNonNull(dW, "dW");
    Objects.requireNonNull(dGamma, "dGamma");
    int inner = checkWeights("w", w);
    checkLike("dFolded", dFolded, w);
    checkLike("dW", dW, w);
    layout.checkParameters("gamma", gamma);
    layout.checkParameters("dGamma", dGamma);
    for (int c = 0; c < sigma.length; c++) {
      float factor = (float) (gamma[c] / sigma[c]);
      double sum = 0;
      for (int i = c * inner; i < (c + 1) * inner; i++) {
        sum += (double) dFolded[i] * w[i];
        dW[i] = dFolded[i] * factor;
      }
      dGamma[c] += (float) (sum / sigma[c]);
    }
  }

  /**
   * Computes the bias of the inference form, {@code beta - gamma * runningMean / sigma}, sigma of the last
   * {@link #foldWeights}. A bias of the plain layer, where the statistics were taken with one, is to be added
   * to the result times {@code gamma / sigma}, or better left out of the plain layer: normalization takes it
   * away again.
   *
   * @param gamma one for each channel
   * @param beta one for each channel
   * @param bias receives the result, one for each channel
   * @throws IllegalArgumentException if a length does not fit
   */
  public void foldBias(float[] gamma, float[] beta, float[] bias) {
    Objects.requireNonNull(gamma, "gamma");
    Objects.requireNonNull(beta, "beta");
    Objects.requireNonNull(bias, "bias");
    layout.checkParameters("gamma", gamma);
    layout.checkParameters("beta", beta);
    layout.checkParameters("bias", bias);
    for (int c = 0; c < sigma.length; c++) {
      bias[c] = (float) (beta[c] - gamma[c] * runningMean[c] / sigma[c]);
    }
  }

  /**
   * Computes the gradients of {@link #foldBias}.
   *
   * @param dBias the gradient of its result
   * @param dGamma the gradients of gamma are added here
   * @param dBeta the gradients of beta are added here
   * @throws IllegalArgumentException if a length does not fit
   */
  public void foldBiasBackward(float[] dBias, float[] dGamma, float[] dBeta) {
    Objects.requireNonNull(dBias, "dBias");
    Objects.requireNonNull(dGamma, "dGamma");
    Objects.requireNonNull(dBeta, "dBeta");
    layout.checkParameters("dBias", dBias);
    layout.checkParameters("dGamma", dGamma);
    layout.checkParameters("dBeta", dBeta);
    for (int c = 0; c < sigma.length; c++) {
      dGamma[c] -= (float) (dBias[c] * (double) runningMean[c] / sigma[c]);
      dBeta[c] += dBias[c];
    }
  }

  /**
   * Computes the training form, and moves the running statistics towards those of this batch. Where gamma is
   * 0 the batch says nothing of the plain layer, and they stay.
   *
   * @param u the output of the layer with folded weights, of the shape given
   * @param gamma the factors that {@link #foldWeights} saw
   * @param beta one for each channel
   * @param y receives the result; not u where backward is to follow
   * @throws IllegalArgumentException if a length does not fit
   */
  public void normalize(float[] u, float[] gamma, float[] beta, float[] y) {
    Objects.requireNonNull(u, "u");
    Objects.requireNonNull(gamma, "gamma");
    Objects.requireNonNull(beta, "beta");
    Objects.requireNonNull(y, "y");
    layout.check("u", u);
    layout.check("y", y);
    layout.checkParameters("gamma", gamma);
    layout.checkParameters("beta", beta);
    int count = layout.perChannel(u);
    for (int c = 0; c < sigma.length; c++) {
      double sum = 0;
      for (int run = c; run < runs(); run += sigma.length) {
        for (int i = run * layout.inner(); i < (run + 1) * layout.inner(); i++) {
          sum += u[i];
        }
      }
      mean[c] = sum / count;
      double squares = 0;
      for (int run = c; run < runs(); run += sigma.length) {
        for (int i = run * layout.inner(); i < (run + 1) * layout.inner(); i++) {
          squares += (u[i] - mean[c]) * (u[i] - mean[c]);
        }
      }
      double factor = gamma[c] / sigma[c];
      inverse[c] = inverse(squares / count, factor);
      float slope = (float) (Math.abs(gamma[c]) * inverse[c]);
      float centre = (float) mean[c];
      for (int run = c; run < runs(); run += sigma.length) {
        for (int i = run * layout.inner(); i < (run + 1) * layout.inner(); i++) {
          y[i] = (u[i] - centre) * slope + beta[c];
        }
      }
      if (factor != 0) {
        double variance = squares / Math.max(1, count - 1) / (factor * factor);
        runningMean[c] += (float) (momentum * (mean[c] / factor - runningMean[c]));
        runningVariance[c] += (float) (momentum * (variance - runningVariance[c]));
      }
    }
  }

  /**
   * Computes the gradients of {@link #normalize}, with those of the batch's mean and variance. What gamma
   * does to the weights comes in {@link #foldWeightsBackward}; here it counts by what it does with u given.
   *
   * @param u the values that normalize saw
   * @param gamma the factors that it saw
   * @param dy the gradient of its result
   * @param du receives the gradient of u; may be dy
   * @param dGamma the gradients of gamma are added here
   * @param dBeta the gradients of beta are added here
   * @throws IllegalArgumentException if a length does not fit
   */
  public void normalizeBackward(float[] u, float[] gamma, float[] dy, float[] du, float[] dGamma,
      float[] dBeta) {
    Objects.requireNonNull(u, "u");
    Objects.requireNonNull(gamma, "gamma");
    Objects.requireNonNull(dy, "dy");
    Objects.requireNonNull(du, "du");
    Objects.requireNonNull(dGamma, "dGamma");
    Objects.requireNonNull(dBeta, "dBeta");
    layout.check("u", u);
    layout.check("dy", dy);
    layout.check("du", du);
    layout.checkParameters("gamma", gamma);
    layout.checkParameters("dGamma", dGamma);
    layout.checkParameters("dBeta", dBeta);
    int count = layout.perChannel(u);
    for (int c = 0; c < sigma.length; c++) {
      double sum = 0;
      double product = 0;
      for (int run = c; run < runs(); run += sigma.length) {
        for (int i = run * layout.inner(); i < (run + 1) * layout.inner(); i++) {
          sum += dy[i];
          product += dy[i] * (u[i] - mean[c]);
        }
      }
      // With n = (u - mean) * inverse: du = |gamma| * inverse * (dy - mean(dy) - n * mean(dy * n)).
      double slope = Math.abs(gamma[c]) * inverse[c];
      double shift = sum / count;
      double tilt = product / count * inverse[c] * inverse[c];
      for (int run = c; run < runs(); run += sigma.length) {
        for (int i = run * layout.inner(); i < (run + 1) * layout.inner(); i++) {
          du[i] = (float) (slope * (dy[i] - shift - (u[i] - mean[c]) * tilt));
        }
      }
      // d(|gamma| * inverse) / dgamma, inverse depending on gamma by its epsilon.
      double stretched = epsilon * (gamma[c] / sigma[c]) * (gamma[c] / sigma[c]);
      double part = 1 - stretched * inverse[c] * inverse[c];
      dGamma[c] += (float) (Math.signum(gamma[c]) * inverse[c] * part * product);
      dBeta[c] += (float) sum;
    }
  }

  /** 0 where gamma is 0 and u constant: y is beta then, whatever the quotient. */
  private double inverse(double variance, double factor) {
    double root = Math.sqrt(variance + epsilon * factor * factor);
    return root == 0 ? 0 : 1 / root;
  }

  private int runs() {
    return layout.outer() * layout.channels();
  }

  private int checkWeights(String name, float[] w) {
    if (w.length % sigma.length != 0) {
      throw new IllegalArgumentException(
          name + ": expected a multiple of " + sigma.length + " channels, got " + w.length + " elements");
    }
    return w.length / sigma.length;
  }

  private static void checkLike(String name, float[] values, float[] w) {
    if (values.length != w.length) {
      throw new IllegalArgumentException(
          name + ": expected " + w.length + " elements, as w has, got " + values.length);
    }
  }
}
