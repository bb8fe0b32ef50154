/** What all readers of JSON share. */
package dev.octet.quantize.json;
