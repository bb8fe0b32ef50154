/** Shares of the machine's limit that have to hold, whatever the machine: {@code ci/bench gate}. */
package dev.octet.harness.gate;
