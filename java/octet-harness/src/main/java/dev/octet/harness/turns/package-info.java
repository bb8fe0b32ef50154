/**
 * Contests in one process: in every round the limit of the machine, Octet and its peers take a turn each, so
 * that a machine whose speed drifts drifts for all of them. What counts is the ratio of a round.
 */
package dev.octet.harness.turns;
