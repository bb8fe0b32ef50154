package dev.octet.op;

import dev.octet.engine.ConvWeights;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;

/**
 * Builder of a convolution: the settings of all of them, groups and clamp.
 *
 * @param <B> the type of the builder
 */
abstract sealed class ConvolutionBuilder<B extends ConvolutionBuilder<B>>
    permits ConvBuilder, IntegerConvolutionBuilder {
  final Dispatch dispatch;
  final OutputBuilder output = new OutputBuilder();
  final BiasBuilder bias = new BiasBuilder();
  int groups = 1;

  /**
   * Creates a builder.
   *
   * @param dispatch chooses the engine and the kernel
   */
  ConvolutionBuilder(Dispatch dispatch) {
    this.dispatch = dispatch;
  }

  abstract B self();

  /**
   * Sets the number of groups. Input and output channels are divided into groups, and each output channel
   * sums over the input channels of its own group. The default is 1.
   *
   * @param groups 1 or more, a divisor of the numbers of input and of output channels
   * @return this
   * @throws IllegalArgumentException if it is less than 1
   */
  public B groups(int groups) {
    this.groups = Checks.positive("groups", groups);
    return self();
  }

  /**
   * Clamps the result to 0 and above. Replaces any other clamp.
   *
   * @return this
   */
  public B relu() {
    return clamp(0, Float.POSITIVE_INFINITY);
  }

  /**
   * Clamps the result to 0 to 6. Replaces any other clamp.
   *
   * @return this
   */
  public B relu6() {
    return clamp(0, 6);
  }

  /**
   * Clamps the result to a range. Replaces any other clamp. Not offered with S32 output.
   *
   * @param min the smallest result as a real number; may be -Infinity
   * @param max the largest result as a real number; may be Infinity
   * @return this
   * @throws IllegalArgumentException if min is greater than max, or one of them is NaN
   */
  public B clamp(float min, float max) {
    output.clamp(min, max);
    return self();
  }

  /**
   * Checks that weights fit the groups.
   *
   * @param weights I of them belong to a group
   * @param shape of the weights as given, after a blank; may be empty
   * @throws IllegalArgumentException if they do not
   */
  final void checkGroups(ConvWeights weights, String shape) {
    int outChannels = weights.outChannels();
    if (outChannels % groups != 0) {
      throw new IllegalArgumentException("groups: expected a divisor of " + outChannels
          + " (output channels of weights" + shape + "), got " + groups);
    }
    if ((long) weights.inPerGroup() * groups > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "groups: " + groups + " of " + weights.inPerGroup() + " input channels exceed 2^31 - 1");
    }
  }
}
