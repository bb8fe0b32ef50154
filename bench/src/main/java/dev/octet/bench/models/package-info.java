/**
 * Whole ONNX models beside ONNX Runtime, as published and as Octet quantizes them:
 * {@link dev.octet.bench.models.ModelSuite} has the rows.
 */
package dev.octet.bench.models;
