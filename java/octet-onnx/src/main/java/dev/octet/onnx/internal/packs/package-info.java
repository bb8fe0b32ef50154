/** Packed weights and large constants of models in files that are mapped, so that processes share them. */
package dev.octet.onnx.internal.packs;
