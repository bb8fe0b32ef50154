package dev.octet.harness.shape;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code RxC}: rows of an activation, for element-wise ops.
 *
 * @param rows rows: tokens, or pixels
 * @param columns channels
 */
public record RowsShape(int rows, int columns) implements BenchShape {
  private static final Pattern TEXT = Pattern.compile("([1-9]\\d{0,8})x([1-9]\\d{0,8})");

  static RowsShape parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("shape \"" + text + "\": expected RxC, for example 128x768");
    }
    return new RowsShape(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
  }

  /** Rows times columns. */
  public long elements() {
    return (long) rows * columns;
  }

  @Override
  public double operations() {
    return elements();
  }

  @Override
  public long sourceElements() {
    return elements();
  }

  @Override
  public long weightElements() {
    return 0;
  }

  @Override
  public long destinationElements() {
    return elements();
  }

  @Override
  public String toString() {
    return rows + "x" + columns;
  }
}
