/** What {@link dev.octet.quantize.QuantizationReport} says, as a page with plots. */
package dev.octet.quantize.report;
