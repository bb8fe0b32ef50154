/** From the messages of a file to a graph. */
package dev.octet.onnx.internal.read;
