package dev.octet.onednn;

import dev.octet.engine.Window;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import dev.octet.internal.pack.ConvTaps;
import java.util.ArrayList;
import java.util.List;

/** The weights of a convolution as oneDNN reads them, one tensor for each part. */
final class PackedTaps implements Resource {
  private final Group resources = new Group();
  private final Handle desc;
  private final List<NativeMemory> parts = new ArrayList<>();
  private final List<Handle> memories = new ArrayList<>();

  private PackedTaps(Handle desc) {
    this.desc = resources.add(desc);
  }

  private void addPart(Handle fromDesc, Handle from) {
    NativeMemory memory = resources.add(NativeMemory.allocate(Dnnl.size(desc)));
    Handle to = resources.add(Dnnl.memory(desc, memory.address()));
    Packing.reorder(fromDesc, from, desc, to);
    parts.add(memory);
    memories.add(to);
  }

  /**
   * Packs weights.
   *
   * @param form how the convolution is put to oneDNN
   * @param window of the op
   * @param taps the weights
   * @param count how many parts
   * @param limits of a part
   * @param desc the format; taken over
   */
  static PackedTaps of(ConvForm form, Window window, ConvTaps taps, int count, ConvForm.Limits limits,
      Handle desc) {
    PackedTaps packed = new PackedTaps(desc);
    try (NativeMemory plain = NativeMemory.allocate(form.resultChannels() * (long) form.perChannel(window));
        Handle plainDesc = form.plainWeights(window);
        Handle plainMemory = Dnnl.memory(plainDesc, plain.address())) {
      for (int part = 0; part < count; part++) {
        form.write(window, taps, part, limits, plain.segment());
        packed.addPart(plainDesc, plainMemory);
      }
      return packed;
    } catch (RuntimeException | Error e) {
      packed.close();
      throw e;
    }
  }

  /**
   * The same weights in another format.
   *
   * @param other the format; taken over
   */
  PackedTaps reordered(Handle other) {
    PackedTaps packed = new PackedTaps(other);
    try {
      for (Handle memory : memories) {
        packed.addPart(desc, memory);
      }
      return packed;
    } catch (RuntimeException | Error e) {
      packed.close();
      throw e;
    }
  }

  /**
   * One part in a plain format again; the caller closes it.
   *
   * @param part which
   * @param plain the format
   */
  NativeMemory plain(int part, Handle plain) {
    NativeMemory memory = NativeMemory.allocate(Dnnl.size(plain));
    try (Handle to = Dnnl.memory(plain, memory.address())) {
      Packing.reorder(desc, memories.get(part), plain, to);
      return memory;
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  /** The format. */
  Handle desc() {
    return desc;
  }

  /** How many parts there are. */
  int count() {
    return parts.size();
  }

  /** One part. */
  NativeMemory part(int part) {
    return parts.get(part);
  }

  /** Memory of all parts. */
  long bytes() {
    return parts.size() * parts.getFirst().bytes();
  }

  @Override
  public void close() {
    resources.close();
  }
}
