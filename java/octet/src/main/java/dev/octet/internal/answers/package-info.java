/**
 * Known answers: for each op small fixed operands whose sizes meet every tile and every edge of the loops
 * that kernels have, and runs of them that two engines are compared by.
 */
package dev.octet.internal.answers;
