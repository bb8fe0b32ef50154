/**
 * Service provider interface of engines. An op of {@link dev.octet.op} validates all settings, makes an
 * immutable spec of them and asks the backend for a kernel; the backend returns one, or throws an
 * {@link java.lang.UnsupportedOperationException} that names what it does not offer. The op also checks all
 * arguments of a run - sizes, strides, segments, overlap - before it calls the kernel.
 *
 * <p>
 * A kernel is immutable and safe for use by multiple threads, which may run it at the same time. Its
 * {@code close} is called once, when no run is in progress and none can begin.
 *
 * <p>
 * Parameters and results are never null unless declared {@link org.jspecify.annotations.Nullable}. The
 * package is exported to the engines and tools of this project only and may change in any release.
 */
@NullMarked
package dev.octet.engine;

import org.jspecify.annotations.NullMarked;
