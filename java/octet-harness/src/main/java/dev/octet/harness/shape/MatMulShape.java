package dev.octet.harness.shape;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code MxKxN}: M rows of K elements times K x N weights.
 *
 * @param m rows
 * @param k input features
 * @param n output features
 */
public record MatMulShape(int m, int k, int n) implements BenchShape {
  private static final Pattern TEXT = Pattern.compile("([1-9]\\d{0,8})x([1-9]\\d{0,8})x([1-9]\\d{0,8})");

  static MatMulShape parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("shape \"" + text + "\": expected MxKxN, for example 128x768x3072");
    }
    return new MatMulShape(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)),
        Integer.parseInt(parts.group(3)));
  }

  @Override
  public double operations() {
    return 2.0 * m * k * n;
  }

  @Override
  public long sourceElements() {
    return (long) m * k;
  }

  @Override
  public long weightElements() {
    return (long) k * n;
  }

  @Override
  public long destinationElements() {
    return (long) m * n;
  }

  @Override
  public String toString() {
    return m + "x" + k + "x" + n;
  }
}
