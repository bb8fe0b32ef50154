/** Tiles over threads: the worker team of an Octet, or the caller's Executor. */
package dev.octet.internal.parallel;
