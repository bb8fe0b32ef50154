/** Files as memory, and what readers of every format say of files that cannot be read. */
package dev.octet.quantize.mapped;
