package dev.octet.engine;

import dev.octet.Isa;
import dev.octet.internal.parallel.Workers;

/**
 * Resources that an Octet lends to its engines.
 *
 * @param workers the threads of the Octet, which run tiles; closed by the Octet
 * @param isa the highest tier that native kernels may use: that of the CPU, or a lower one that the user has
 *        set
 */
public record BackendContext(Workers workers, Isa isa) {}
