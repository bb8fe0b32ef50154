package dev.octet.testing;

import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/**
 * Gives the dimensions of a case in turn: the dimension whose turn it is in this case goes through a list
 * from end to end, the others are any of the list up to a limit. So every dimension meets every size.
 */
final class Sizes implements IntSupplier {
  private static final int DIMENSIONS = 3;

  private final Dice dice;
  private final int[] list;
  private final int others;
  private final int index;
  private int call;

  /**
   * Dimensions for the case of an index.
   *
   * @param dice choose the dimensions whose turn it is not
   * @param list the sizes, ascending
   * @param limit the largest size of those dimensions
   * @param index of the case
   */
  Sizes(Dice dice, int[] list, int limit, int index) {
    this.dice = dice;
    this.list = list;
    this.others = (int) IntStream.of(list).filter(size -> size <= limit).count();
    this.index = index;
  }

  /** How many cases there are until every dimension has met every size. */
  static int cases(int[] list) {
    return DIMENSIONS * list.length;
  }

  @Override
  public int getAsInt() {
    return call++ == index % DIMENSIONS
        ? list[index / DIMENSIONS % list.length]
        : list[dice.between(0, others - 1)];
  }
}
