/**
 * Whole image networks at int8 on Octet, beside ONNX Runtime at FP32 and at int8 and oneDNN at FP32. Weights
 * are drawn from a seed: time and exactness do not depend on what a network was trained for. Start reading at
 * {@link dev.octet.bench.networks.OctetNetwork}, which is what a program that runs a network on Octet looks
 * like; {@link dev.octet.bench.networks.BufferPlan} says which activations share memory.
 */
package dev.octet.bench.networks;
