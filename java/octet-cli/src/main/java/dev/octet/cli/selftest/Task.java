package dev.octet.cli.selftest;

import dev.octet.Engine;
import dev.octet.Isa;
import java.util.List;

/**
 * What a JVM is to test.
 *
 * @param engine the engine
 * @param isa the instruction set tier, null: what is there
 * @param ops the ops
 * @param seed of the cases
 * @param first the index of the first case of each op
 * @param cases of each op; 0: as many as fit into the time, at least one
 * @param nanos the time; has no meaning where cases are given
 */
record Task(Engine engine, Isa isa, List<TestedOp> ops, long seed, int first, int cases, long nanos) {
  /** The same for fewer ops and less time. */
  Task rest(List<TestedOp> ops, long nanos) {
    return new Task(engine, isa, ops, seed, first, cases, nanos);
  }
}
