package dev.octet.quantize.file;

/**
 * Says what the axes of a weight mean to the op that uses it.
 *
 * <p>
 * A matrix has an axis of output features and one of input features, which its product sums over. A tensor of
 * more axes with an input axis is a stack of matrices, such as the experts of a mixture {@code [E][N][K]}:
 * the axes that are neither count the matrices. A convolution sums over several axes and has no input axis
 * here.
 *
 * @param output the axis of the output features
 * @param input the one axis that is summed over; {@link #NONE} where there is none, or more than one
 */
public record WeightAxes(int output, int input) {
  /** The number that stands for no axis. */
  public static final int NONE = -1;

  /** Checks that the axes differ. */
  public WeightAxes {
    if (output < 0 || input < NONE || output == input) {
      throw new IllegalArgumentException(
          "axes: expected an output axis >= 0 and another input axis, got " + output + " and " + input);
    }
  }

  /**
   * Returns the axes of a weight of which nothing is known but the axis of its output features.
   *
   * @param output the axis of the output features
   * @param rank how many axes the weight has
   * @return the other axis of a matrix is its input axis; no other tensor has one
   */
  public static WeightAxes of(int output, int rank) {
    return new WeightAxes(output, rank == 2 ? 1 - output : NONE);
  }

  /**
   * Returns whether a weight with these axes is a stack of matrices.
   *
   * @param rank how many axes the weight has
   * @return whether each output feature of each matrix has numbers of its own
   */
  public boolean isStack(int rank) {
    return input != NONE && rank > 2;
  }

  /**
   * Returns the axes of a tensor of a file without a graph: one of three dimensions with {@code experts} in
   * its name is a stack {@code [experts][out][in]}, or {@code [experts][in][out]} where the file says that
   * its output features are the last axis; all else as {@link #of(int, int)} has it.
   *
   * @param name of the tensor
   * @param output the axis of the output features, where the file says so; 0 otherwise
   * @param rank how many axes it has
   * @return the axes
   */
  static WeightAxes named(String name, int output, int rank) {
    return rank == 3 && name.contains("experts")
        ? output == 2 ? new WeightAxes(2, 1) : new WeightAxes(1, 2)
        : of(output, rank);
  }
}
