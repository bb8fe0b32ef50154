/**
 * Engine ONEDNN: quantized products and convolution on oneDNN, through the Foreign Function and Memory API.
 */
package dev.octet.onednn;
