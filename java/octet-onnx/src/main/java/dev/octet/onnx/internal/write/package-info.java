/** Writes changed graphs: what does not change is copied from the file, byte for byte. */
package dev.octet.onnx.internal.write;
