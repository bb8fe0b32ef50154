/**
 * What quantization costs and what training for it wins back, on a task that trains in minutes: digits that
 * the program draws itself, a perceptron and a convolutional network. Start reading at
 * {@link dev.octet.bench.digits.Digits}; {@link dev.octet.bench.digits.Layer} shows how a training engine
 * uses {@link dev.octet.quantize.train}, {@link dev.octet.bench.digits.IntegerNetwork} how the result runs.
 *
 * <p>
 * The figures are the same on every machine: floats are summed in a fixed order whatever the number of
 * threads, transcendental functions come from StrictMath, random numbers from seeds.
 */
package dev.octet.bench.digits;
