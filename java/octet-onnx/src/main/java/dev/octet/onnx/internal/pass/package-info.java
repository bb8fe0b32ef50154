/** Rewrites of a graph, a class each, that can be switched off. */
package dev.octet.onnx.internal.pass;
