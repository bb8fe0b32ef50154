package dev.octet.spark;

import dev.octet.quantize.CalibrationMethod;
import java.io.Serializable;
import java.util.Map;

/**
 * What tasks are told to record.
 *
 * @param method how ranges are found
 * @param features how many each layer has; null where every layer is taken and ranges alone are recorded
 * @param products whether products of features are summed too
 */
record Recording(CalibrationMethod method, Map<String, Integer> features,
    boolean products) implements Serializable {}
