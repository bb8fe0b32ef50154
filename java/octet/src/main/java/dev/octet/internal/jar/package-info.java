/** Resources of class loaders, read where Java's own way does not find them again. */
package dev.octet.internal.jar;
