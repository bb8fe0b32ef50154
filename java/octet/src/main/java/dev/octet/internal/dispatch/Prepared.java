package dev.octet.internal.dispatch;

import dev.octet.Engine;
import dev.octet.engine.Kernel;

/**
 * A kernel that a dispatch found for an op, and its lifetime.
 *
 * @param engine the engine that prepared it
 * @param kernel the kernel; touched only between enter and exit
 * @param lifetime guards the kernel
 * @param <K> the kind of kernel
 */
public record Prepared<K extends Kernel>(Engine engine, K kernel, Lifetime lifetime) {}
