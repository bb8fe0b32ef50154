/** Libraries in C that are called from Java: their functions by name, the limits of a core, oneDNN, MKL. */
package dev.octet.bench.foreign;
