package dev.octet.bench;

import dev.octet.DataType;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.BenchOp;
import dev.octet.harness.shape.Form;
import dev.octet.harness.shape.Peer;
import dev.octet.harness.shape.PoolShape;
import dev.octet.harness.shape.RowsShape;
import dev.octet.harness.shape.ShapeFile;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which cases a suite measures, in an order in which those that are compared with each other stand together:
 * a machine whose speed drifts then drifts for all of them.
 */
final class Plan {
  /** SCALAR takes some nanoseconds an operation: above this it would measure patience. */
  static final double SCALAR_OPERATIONS = 4e6;

  private final Suite suite;
  private final List<Integer> threads;
  private final Set<Peer> peers;
  private final Set<Peer> asked;
  private final Set<Form> forms;

  /**
   * Limits of a plan.
   *
   * @param suite what is measured
   * @param threads numbers of threads
   * @param peers who is there
   * @param forms the number forms to keep, empty: all
   */
  Plan(Suite suite, List<Integer> threads, Set<Peer> peers, Set<Form> forms) {
    this(suite, threads, peers, peers, forms);
  }

  /**
   * Limits of a plan with peers that are measured only where a shape file asks for them.
   *
   * @param suite what is measured
   * @param threads numbers of threads
   * @param peers who is there
   * @param asked who is there where a shape file asks for peers by name
   * @param forms the number forms to keep, empty: all
   */
  Plan(Suite suite, List<Integer> threads, Set<Peer> peers, Set<Peer> asked, Set<Form> forms) {
    this.suite = suite;
    this.threads = threads;
    this.peers = peers;
    this.asked = asked;
    this.forms = forms;
  }

  /** The cases on the shapes of some files, each case once. */
  List<BenchCase> cases(List<ShapeFile> files) {
    Set<BenchCase> cases = new LinkedHashSet<>();
    for (ShapeFile file : files) {
      for (ShapeFile.Entry entry : file.entries()) {
        for (BenchOp op : suite.ops()) {
          if (op.takes(entry.shape())) {
            for (Form form : forms(op, entry)) {
              for (int count : threads) {
                peers(entry).map(peer -> new BenchCase(peer, op, entry.shape(), form, count))
                    .filter(this::isSensible)
                    .forEach(cases::add);
              }
            }
          }
        }
      }
    }
    return new ArrayList<>(cases);
  }

  private Stream<Peer> peers(ShapeFile.Entry entry) {
    return entry.peers().isEmpty() ? peers.stream() : entry.peers().stream().filter(asked::contains);
  }

  private List<Form> forms(BenchOp op, ShapeFile.Entry entry) {
    List<Form> asked = entry.forms().isEmpty()
        ? op.forms()
        : entry.forms().stream().filter(op::takes).toList();
    return asked.stream().filter(form -> forms.isEmpty() || forms.contains(form)).toList();
  }

  private static boolean isBatch(BenchOp op) {
    return op == BenchOp.BATCH || op == BenchOp.BATCH_TURNED;
  }

  /** Baselines in Java are one product on one thread. */
  private boolean isJava(BenchCase benchCase) {
    return (suite == Suite.matmul || suite == Suite.all) && benchCase.op() == BenchOp.MATMUL
        && benchCase.threads() == 1;
  }

  /** Whether ONNX Runtime has it. */
  private static boolean isOrt(BenchCase benchCase) {
    return switch (benchCase.op()) {
      case REQUANTIZE, PACK, PACK_TURNED -> false;
      case BATCH, BATCH_TURNED -> benchCase.form().source() == benchCase.form().destination()
          || benchCase.form().destination() == DataType.S32;
      default -> true;
    };
  }

  /** Whether a peer has this at all, and in a time that fits the suite. */
  private boolean isSensible(BenchCase benchCase) {
    if (suite == Suite.smoke && benchCase.threads() > 1 && benchCase.op() != BenchOp.MATMUL) {
      return false; // a minute of all
    }
    Peer peer = benchCase.peer();
    Form form = benchCase.form();
    boolean product = benchCase.op() == BenchOp.MATMUL;
    boolean layer = product || benchCase.op() == BenchOp.CONV;
    if (peer == Peer.OCTET_SCALAR) {
      return !form.isFloat() && benchCase.threads() == 1
          && benchCase.shape().operations() <= SCALAR_OPERATIONS;
    } else if (peer == Peer.OCTET_ONEDNN) {
      return !isBatch(benchCase.op()) || !form.isFloat();
    } else if (peer == Peer.OCTET_ONEDNN_FUSED) {
      return layer && suite != Suite.callers && form.source().isByte() && form.requantized();
    } else if (peer.engine() != null) {
      return !form.isFloat();
    } else if (peer == Peer.ONEDNN_C) {
      return suite != Suite.callers && layer
          && (form.isFloat() || form.source().isByte() || (product && form.groupSize() > 0));
    } else if (peer == Peer.ORT) {
      return isOrt(benchCase);
    } else if (peer == Peer.ORT_U8) {
      return isOrt(benchCase) && form.source() == DataType.S8 && layer;
    } else if (peer == Peer.MKL) {
      return suite != Suite.callers && product && form.source().isByte()
          && form.destination() == DataType.S32;
    } else if (peer == Peer.JAVA_WIDENING || peer == Peer.JAVA_LOOP) {
      return isJava(benchCase) && form.source().isByte() && form.destination() == DataType.S32;
    }
    return peer == Peer.JAVA_F32 && isJava(benchCase) && form.isFloat();
  }
}
