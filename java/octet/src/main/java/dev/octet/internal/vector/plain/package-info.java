/** Inner loops in plain Java, shaped so that C2 makes vector instructions of them. */
package dev.octet.internal.vector.plain;
