/** What goes into a model and comes out of it: tensors, and what a model says of them. */
package dev.octet.onnx.value;
