package dev.octet.engine;

import dev.octet.Isa;
import dev.octet.internal.parallel.Workers;

/**
 * What an Octet lends to its engines.
 *
 * @param workers runs tiles over the Octet's threads; closed by the Octet
 * @param isa the highest tier that native kernels may use: what the CPU has, lowered by the user
 */
public record BackendContext(Workers workers, Isa isa) {}
