/**
 * The intermediate form of a model: nodes whose operators are typed objects, the values between them, and
 * what is known of each value. Knows no operator by name.
 */
package dev.octet.onnx.internal.graph;
