package dev.octet.quantize;

/** Factors of symmetric positive definite matrices, dense, in place where that is possible. */
final class Cholesky {
  private Cholesky() {}

  /**
   * U with {@code U^T U} the inverse of a matrix, U upper triangular.
   *
   * <p>
   * With P the reversal of rows and columns and {@code P H P = L L^T}, {@code H^-1 = P L^-T L^-1 P = (P L^-1
   * P)^T (P L^-1 P)}, and {@code P L^-1 P} is upper triangular: one factorization and one triangular inverse
   * instead of two factorizations.
   *
   * @param operand what the matrix comes from, for the message
   * @param h {@code [n][n]}, symmetric
   */
  static double[] upperOfInverse(String operand, double[] h, int n) {
    double[] l = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        l[i * n + j] = h[(n - 1 - i) * n + n - 1 - j];
      }
    }
    factor(operand, l, n);
    double[] inverse = invertLower(l, n);
    double[] u = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        u[i * n + j] = inverse[(n - 1 - i) * n + n - 1 - j];
      }
    }
    return u;
  }

  /** A lower triangle becomes L with {@code L L^T} the matrix. */
  private static void factor(String operand, double[] l, int n) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = l[i * n + j];
        for (int k = 0; k < j; k++) {
          sum -= l[i * n + k] * l[j * n + k];
        }
        if (i > j) {
          l[i * n + j] = sum / l[j * n + j];
        } else if (sum > 0) {
          l[i * n + i] = Math.sqrt(sum);
        } else {
          throw new IllegalArgumentException(
              operand + ": products of features are singular at feature " + (n - 1 - i)
                  + "; more damping helps");
        }
      }
    }
  }

  private static double[] invertLower(double[] l, int n) {
    double[] inverse = new double[n * n];
    for (int i = 0; i < n; i++) {
      int row = i * n;
      for (int k = 0; k < i; k++) {
        double factor = l[row + k];
        for (int j = 0; j <= k; j++) {
          inverse[row + j] -= factor * inverse[k * n + j];
        }
      }
      double diagonal = l[row + i];
      for (int j = 0; j < i; j++) {
        inverse[row + j] /= diagonal;
      }
      inverse[row + i] = 1 / diagonal;
    }
    return inverse;
  }
}
