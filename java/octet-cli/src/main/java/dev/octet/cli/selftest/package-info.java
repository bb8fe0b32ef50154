/**
 * The work of {@code octet selftest}: {@link dev.octet.cli.selftest.Selftest} starts a JVM for each engine
 * and tier, which compares random cases with SCALAR. An op has a class of cases, entered in {@code TestedOp}.
 */
package dev.octet.cli.selftest;
