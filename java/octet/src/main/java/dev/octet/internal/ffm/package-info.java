/**
 * The only user of {@link java.lang.foreign.Linker} and {@link java.lang.foreign.SymbolLookup}: native
 * libraries that travel in jars are unpacked into a private cache, opened, and bound. Of the rest of Octet it
 * knows only how resources are read.
 */
package dev.octet.internal.ffm;
