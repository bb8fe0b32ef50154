package dev.octet.spark;

/** Says what becomes of rows that a model cannot take: null, without a token, or too long. */
public enum BadRows {
  /** The task fails with a message that names the row, and so does the job. */
  FAIL,
  /** The result of the row is null, and a counter counts it. */
  NULL
}
