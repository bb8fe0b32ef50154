/**
 * The only user of {@link java.lang.foreign.Linker} and {@link java.lang.foreign.SymbolLookup}: native
 * libraries that travel in jars are unpacked into a private cache, opened, and bound. Knows nothing of the
 * rest of Octet.
 */
package dev.octet.internal.ffm;
