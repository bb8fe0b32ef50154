package dev.octet.engine;

import dev.octet.DataType;

/**
 * Spec of a border around NHWC images.
 *
 * @param type of images and results, 8 bits
 * @param top rows above
 * @param left columns on the left
 * @param bottom rows below
 * @param right columns on the right
 * @param value the integer of the border
 */
public record PadSpec(DataType type, int top, int left, int bottom, int right, int value) {}
