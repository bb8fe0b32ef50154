/**
 * From FP32 weights to int8 and int4: which layers get what ({@link dev.octet.quantize.QuantizationScheme}),
 * what their inputs look like ({@link dev.octet.quantize.Calibration}, {@link dev.octet.quantize.Observer}),
 * quantization ({@link dev.octet.quantize.PostTraining}) and what it costs
 * ({@link dev.octet.quantize.Sensitivity}, {@link dev.octet.quantize.QuantizationReport}).
 *
 * <p>
 * A network is a list of named layers and a function that runs it ({@link dev.octet.quantize.Model}):
 *
 * {@snippet :
 * Linear fc1 = Linear.of("fc1", w1, Shape.of(64, 32), WeightLayout.OUT_IN, b1);
 * Linear fc2 = Linear.of("fc2", w2, Shape.of(10, 64), WeightLayout.OUT_IN, b2);
 * Model model = Model.of(List.of(fc1, fc2), (x, net) -> net.run("fc2", relu(net.run("fc1", x))));
 *
 * Calibration calibration = Calibration.of(model, CalibrationMethod.entropy());
 * samples.forEach(calibration::observe);
 * QuantizedModel int8 = PostTraining.of(model, QuantizationScheme.int8Static())
 *     .calibration(calibration)
 *     .correctBias()
 *     .quantize();
 *
 * try (Octet octet = Octet.open()) {
 *   Sensitivity sensitivity = Sensitivity.measure(int8, octet, samples, 10);
 *   QuantizedModel mixed = sensitivity.keepInFloat(1);
 *   QuantizationReport report = QuantizationReport.measure(mixed, octet, samples, 10);
 *   System.out.print(report.table());
 *   HtmlReport.write("My network", report, file);
 *   float[] logits = model.run(samples.getFirst(), int8.prepare(octet));
 * }
 * }
 *
 * <p>
 * Methods for weights stand by themselves too: {@link dev.octet.quantize.ClippingSearch},
 * {@link dev.octet.quantize.Gptq}, {@link dev.octet.quantize.BiasCorrection}; and those that change an FP32
 * model before it is quantized: {@link dev.octet.quantize.CrossLayerEqualization},
 * {@link dev.octet.quantize.SmoothQuant}.
 */
package dev.octet.quantize;
