/**
 * From FP32 weights to int8 and int4: which layers get what ({@link dev.octet.quantize.QuantizationScheme}),
 * calibration, quantization, accuracy.
 */
package dev.octet.quantize;
