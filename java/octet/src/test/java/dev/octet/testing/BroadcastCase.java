package dev.octet.testing;

import static dev.octet.DataType.S32;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.op.BatchMatMul;
import dev.octet.op.BatchOperand;
import java.lang.foreign.SegmentAllocator;
import java.util.Map;

/** A batchMatMul of operands of any rank, each repeated where the other has more dimensions; S32 output. */
final class BroadcastCase implements OpCase {
  final Tensor left;
  final Tensor right;
  final int leftZeroPoint;
  final int rightZeroPoint;

  BroadcastCase(Tensor left, int leftZeroPoint, Tensor right, int rightZeroPoint) {
    this.left = left;
    this.right = right;
    this.leftZeroPoint = leftZeroPoint;
    this.rightZeroPoint = rightZeroPoint;
  }

  static BroadcastCase random(Dice dice, EngineProfile profile) {
    BatchMatMulCase.Kind kind = BatchMatMulCase.Kind.random(dice, profile, S32);
    DataType a = kind.left();
    DataType b = kind.right();
    int outer = dice.between(0, 3);
    int leftRank = dice.oneIn(2) ? outer : dice.between(0, outer);
    int rightRank = leftRank == outer ? dice.between(0, outer) : outer;
    long[] l = new long[leftRank + 2];
    long[] r = new long[rightRank + 2];
    for (int fromLast = 0; fromLast < outer; fromLast++) {
      int dim = dice.between(1, 4);
      if (fromLast < leftRank) {
        l[leftRank - 1 - fromLast] = dice.oneIn(3) ? 1 : dim;
      }
      if (fromLast < rightRank) {
        r[rightRank - 1 - fromLast] = dice.oneIn(3) ? 1 : dim;
      }
    }
    int k = dice.size(60);
    l[leftRank] = dice.size(30);
    l[leftRank + 1] = k;
    r[rightRank] = k;
    r[rightRank + 1] = dice.size(60);
    return new BroadcastCase(dice.fill(Tensor.zeros(a, l)), dice.zeroPoint(a), dice.fill(Tensor.zeros(b, r)),
        dice.zeroPoint(b));
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    try (BatchMatMul op = subject.check(subject.octet().batchMatMul()
        .left(left.type(), Quantization.perTensor(1, leftZeroPoint))
        .right(right.type(), Quantization.perTensor(1, rightZeroPoint)).outputS32().prepare())) {
      Shape shape = op.outputShape(left.shape(), right.shape());
      Tensor y = new Tensor(S32, shape, Operands.memory(memory, 4 * shape.elements()));
      op.run(BatchOperand.of(left.copyTo(memory).data()), left.shape(),
          BatchOperand.of(right.copyTo(memory).data()), right.shape(), y.data());
      return Map.of("y", y);
    }
  }

  @Override
  public String describe() {
    return "batchMatMul of " + left + " zero point " + leftZeroPoint + " and " + right + " zero point "
        + rightZeroPoint;
  }

  @Override
  public String explain(String result, long index) {
    long n = right.shape().dim(right.shape().rank() - 1);
    long m = left.shape().dim(left.shape().rank() - 2);
    return "product " + index / n / m + ", row " + index / n % m + ", column " + index % n;
  }
}
