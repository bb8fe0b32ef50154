package dev.octet.onednn;

import dev.octet.Isa;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.epilogue.Staging;
import dev.octet.internal.ffm.NativeMemory;

/** What a running tile of a convolution has for itself. */
final class BandState extends StatePool.State {
  private final Group owned = new Group();
  private final int repeat;
  /** For pixels in the form that oneDNN sees. */
  final Scratch source = owned.add(new Scratch());
  /** For what oneDNN computes. */
  final Scratch results = owned.add(new Scratch());
  /** Accumulators of an output that sees padding alone. */
  final NativeMemory zeros;
  final Staging staging;
  /** A pixel as the caller has it. */
  final byte[] pixel;
  /** A pixel as oneDNN sees it. */
  final byte[] widePixel;

  BandState(Isa isa, ConvForm form, int inChannels) {
    this.repeat = form.repeat();
    this.zeros = owned.add(NativeMemory.allocate(4L * form.resultChannels()));
    this.staging = owned.add(new Staging(isa));
    this.pixel = new byte[inChannels];
    this.widePixel = new byte[form.sourceChannels()];
    zeros.segment().fill((byte) 0);
  }

  /** Brings a pixel into the form that oneDNN sees. */
  void widen() {
    if (repeat == 1) {
      System.arraycopy(pixel, 0, widePixel, 0, pixel.length);
    } else {
      for (int i = 0; i < widePixel.length; i++) {
        widePixel[i] = pixel[i / repeat];
      }
    }
  }

  @Override
  protected void clear() {
    staging.clear();
  }

  @Override
  public void close() {
    owned.close();
  }
}
