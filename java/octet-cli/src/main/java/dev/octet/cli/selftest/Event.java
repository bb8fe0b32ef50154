package dev.octet.cli.selftest;

/** What a JVM that tests an engine says about its work, in the order of what happens. */
sealed interface Event {
  /** The index of what is no random case: a kernel is held to known answers. */
  int KNOWN_ANSWERS = -1;

  /**
   * The engine was opened, or cannot be.
   *
   * @param available whether it was opened
   * @param tier the instruction set tier that its kernels use
   * @param detail what it says of itself, or why it cannot run
   */
  record Opened(boolean available, String tier, String detail) implements Event {}

  /**
   * A case begins. What comes next is its result; nothing comes if the JVM dies of it.
   *
   * @param op the op
   * @param index of the case, or {@link #KNOWN_ANSWERS}
   */
  record Begins(TestedOp op, int index) implements Event {}

  /**
   * The results are those of SCALAR.
   *
   * @param kernel that ran
   */
  record Same(String kernel) implements Event {}

  /**
   * The engine does not offer the case.
   *
   * @param reason of its own
   */
  record NotOffered(String reason) implements Event {}

  /**
   * The results are wrong.
   *
   * @param kernel that ran
   * @param difference in words
   */
  record Different(String kernel, Difference difference) implements Event {}

  /** All was done. */
  record Done() implements Event {}
}
