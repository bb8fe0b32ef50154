package dev.octet.cli.selftest;

import dev.octet.Engine;
import java.util.List;
import java.util.Set;

/**
 * What a selftest found; as JSON its members are the names below.
 *
 * @param good whether something was tested and nothing differs
 * @param seed of the cases
 * @param seconds that it took
 * @param engines each engine in each form, in the order of the test
 * @param failures the first one of each op on each of them
 */
public record Report(boolean good, long seed, double seconds, List<Tested> engines, List<Failure> failures) {
  /**
   * An engine in one form.
   *
   * @param engine the engine
   * @param tier its form: the instruction set tier of NATIVE, with or without Vector API of VECTOR
   * @param available whether it can run here
   * @param detail what it says of itself, or why it cannot
   * @param ops each op; empty where it cannot run
   */
  public record Tested(Engine engine, String tier, boolean available, String detail, List<Op> ops) {}

  /**
   * An op.
   *
   * @param op its class
   * @param cases that ran, and kernels that were held to known answers
   * @param notOffered cases that the engine refused by name when they were prepared
   * @param differences cases with another result than SCALAR, or none
   * @param kernels that ran
   */
  public record Op(String op, int cases, int notOffered, int differences, Set<String> kernels) {}

  /**
   * What went wrong.
   *
   * @param engine the engine
   * @param tier its form
   * @param op the op, empty outside of any case
   * @param index of the case, -1 outside of any and where a kernel is held to known answers
   * @param opCase the case in words
   * @param where the first element that differs, or what else happened
   * @param expected what SCALAR has there, empty where that says nothing
   * @param got what the engine has
   * @param elements how many elements differ
   * @param words what the JVM said when it died
   * @param repeat the command that does it again
   */
  public record Failure(Engine engine, String tier, String op, int index, String opCase, String where,
      String expected, String got, long elements, List<String> words, String repeat) {}
}
