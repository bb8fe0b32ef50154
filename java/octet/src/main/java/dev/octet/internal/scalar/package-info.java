/**
 * The law in plain loops: every formula of the numerics law, written once, without a thought for speed. It is
 * the engine that is always there and the oracle of all others.
 */
package dev.octet.internal.scalar;
