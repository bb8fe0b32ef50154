package dev.octet.bench.networks;

import dev.octet.harness.shape.Peer;

/**
 * A network that somebody runs.
 *
 * @param peer who
 * @param form f32 or u8s8u8q
 * @param run runs it once
 * @param closing frees it
 */
record Contestant(Peer peer, String form, Runnable run, AutoCloseable closing) {
  /** The form of float networks. */
  static final String FLOATS = "f32";

  /** ONNX Runtime's names in figures. */
  static final String ORT_FLOATS = "ort-fp32";
  static final String ORT_INTEGERS = "ort-int8";

  /** Octet's networks are of integers alone. */
  String figureName() {
    return peer == Peer.ORT ? (form.equals(FLOATS) ? ORT_FLOATS : ORT_INTEGERS) : peer.toString();
  }

  String name() {
    return peer + " " + form;
  }
}
