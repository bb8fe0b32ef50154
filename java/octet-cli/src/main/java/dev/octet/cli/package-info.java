/**
 * The command {@code octet}. Start reading at {@link dev.octet.cli.OctetCommand}; each subcommand is a class.
 */
package dev.octet.cli;
