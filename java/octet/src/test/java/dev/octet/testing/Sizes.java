package dev.octet.testing;

import java.util.function.IntSupplier;

/**
 * Gives the dimensions of a case in turn: the dimension whose turn it is in this case goes through a list
 * from end to end, the others are any of the list. So every dimension meets every size.
 */
final class Sizes implements IntSupplier {
  private static final int DIMENSIONS = 3;

  private final Dice dice;
  private final int[] list;
  private final int index;
  private int call;

  /** Dimensions for the case of an index. */
  Sizes(Dice dice, int[] list, int index) {
    this.dice = dice;
    this.list = list;
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
        : list[dice.between(0, list.length - 1)];
  }
}
