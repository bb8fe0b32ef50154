/** What loading an ONNX model takes, beside ONNX Runtime, in JVMs of their own. */
package dev.octet.bench.loads;
