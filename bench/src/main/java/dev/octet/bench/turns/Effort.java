package dev.octet.bench.turns;

/**
 * How long to measure.
 *
 * @param warmUpSeconds for each contestant, beforehand
 * @param rounds at most; fewer, but 3 or more, where the seconds are over
 * @param seconds for all rounds
 */
public record Effort(double warmUpSeconds, int rounds, double seconds) {}
