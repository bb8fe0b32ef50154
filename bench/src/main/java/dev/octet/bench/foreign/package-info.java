/** Libraries in C that are called from Java: their functions by name, the limits of a core, oneDNN. */
package dev.octet.bench.foreign;
