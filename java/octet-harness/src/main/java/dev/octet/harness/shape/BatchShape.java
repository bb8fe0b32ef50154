package dev.octet.harness.shape;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code b12_MxKxN}: so many products of M x K by K x N, both operands coming with the run: the heads of
 * attention.
 *
 * @param batch products
 * @param m rows of a left operand
 * @param k columns of a left operand
 * @param n columns of a right operand
 */
public record BatchShape(int batch, int m, int k, int n) implements BenchShape {
  private static final Pattern TEXT = Pattern
      .compile("b([1-9]\\d{0,5})_([1-9]\\d{0,5})x([1-9]\\d{0,5})x([1-9]\\d{0,5})");

  static BatchShape parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("shape \"" + text + "\": expected b<batch>_MxKxN");
    }
    return new BatchShape(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)),
        Integer.parseInt(parts.group(3)), Integer.parseInt(parts.group(4)));
  }

  @Override
  public double operations() {
    return 2.0 * batch * m * k * n;
  }

  @Override
  public long sourceElements() {
    return (long) batch * m * k;
  }

  @Override
  public long weightElements() {
    return (long) batch * k * n;
  }

  @Override
  public long destinationElements() {
    return (long) batch * m * n;
  }

  @Override
  public String toString() {
    return "b" + batch + "_" + m + "x" + k + "x" + n;
  }
}
