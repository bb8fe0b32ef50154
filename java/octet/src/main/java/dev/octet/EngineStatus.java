package dev.octet;

import org.jspecify.annotations.Nullable;

/**
 * Availability of an engine, with the reason.
 *
 * @param engine the engine
 * @param available whether the engine could be opened
 * @param detail one line: version and instruction set tier, or why the engine is missing and how to get it
 * @param cause the failure that made the engine unavailable; null if it is available or nothing was thrown
 */
@SuppressWarnings("exports") // of an annotation, see module-info
public record EngineStatus(Engine engine, boolean available, String detail, @Nullable Throwable cause) {}
