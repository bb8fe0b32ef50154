/**
 * What runs in a benchmark: a case opened by a peer, on inputs that are the same for every peer. A unit test
 * holds the results of all peers against each other.
 */
package dev.octet.bench.subject;
