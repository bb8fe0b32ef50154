package dev.octet;

/**
 * Availability of an engine, with the reason.
 *
 * @param engine the engine
 * @param available whether the engine could be opened
 * @param detail one line: version and instruction set tier, or why the engine is missing and how to get it
 * @param cause the failure that made the engine unavailable; null if it is available or nothing was thrown
 */
public record EngineStatus(Engine engine, boolean available, String detail, Throwable cause) {}
