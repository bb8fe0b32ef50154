package dev.octet;

/**
 * Whether an engine is there, and why or why not.
 *
 * @param engine the engine
 * @param available whether it could be opened
 * @param detail one line: version and tier, or the reason and what to do
 * @param cause what failed, or null
 */
public record EngineStatus(Engine engine, boolean available, String detail, Throwable cause) {}
