package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;

/**
 * Operands of a convolution, and what becomes of its accumulators.
 *
 * @param images their shape
 * @param input their type
 * @param inputQuantization per tensor
 * @param x their elements
 * @param weightType U8 or S8
 * @param weightShape in the order of the layout
 * @param weightQuantization per tensor or per channel
 * @param weights their elements
 * @param bias fits the scales
 * @param epilogue what becomes of accumulators
 */
record ConvolutionData(Shape images, DataType input, Quantization inputQuantization, byte[] x,
    DataType weightType, Shape weightShape, Quantization weightQuantization, byte[] weights, Bias bias,
    Epilogue epilogue) {
  /**
   * Random data.
   *
   * @param axis of the weights that may have a scale for each of its elements
   * @param outChannels the number of output channels
   * @param products that are added up
   */
  static ConvolutionData random(Dice dice, Shape images, Shape weightShape, int axis, int outChannels,
      int products) {
    DataType input = dice.byteType();
    Quantization inputQuantization = Quantization.perTensor(dice.scale(), dice.zeroPoint(input));
    DataType weightType = dice.byteType();
    Quantization weightQuantization = Weights.quantization(dice, weightType, axis, weightShape.intDim(axis));
    float product = inputQuantization.scale(0) * Weights.unit(weightQuantization);
    Bias bias = Bias.random(dice, outChannels, product);
    Epilogue epilogue = Epilogue.random(dice, product, products);
    return new ConvolutionData(images, input, inputQuantization, dice.integers(input, images.elements()),
        weightType, weightShape, weightQuantization, dice.integers(weightType, weightShape.elements()),
        bias.fitting(weightQuantization, epilogue.type()), epilogue);
  }

  /** The weights in the memory of a run. */
  QTensor weightsIn(Memory memory) {
    return QTensor.of(weightType, weightShape, weightQuantization, memory.of(weights));
  }

  @Override
  public String toString() {
    return input + " " + images + " " + inputQuantization + ", weights " + weightType + " " + weightShape
        + " "
        + weightQuantization + Weights.text(weightQuantization) + ", " + bias + ", " + epilogue;
  }
}
