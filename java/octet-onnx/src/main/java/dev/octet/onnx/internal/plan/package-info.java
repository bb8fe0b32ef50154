/**
 * From a graph and the shapes of a run to steps with memory: shapes are inferred, what depends on shapes
 * alone is computed once, and values share a block of memory by their lifetimes.
 */
package dev.octet.onnx.internal.plan;
