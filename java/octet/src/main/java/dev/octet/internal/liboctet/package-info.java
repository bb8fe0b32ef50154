/** What Octet knows and does through its own native library. */
package dev.octet.internal.liboctet;
