package dev.octet.internal.ffm;

import java.util.ArrayList;
import java.util.List;

/** Something that is given back by hand: an object of a C library, memory, or what owns such. */
public interface Resource extends AutoCloseable {
  /** Gives it back; harmless a second time. */
  @Override
  void close();

  /** Resources that are closed together, the last one first. */
  final class Group implements Resource {
    private final List<Resource> members = new ArrayList<>();

    /** Takes a resource over. */
    public <R extends Resource> R add(R member) {
      members.add(member);
      return member;
    }

    /** Closes all, even if one fails; the first failure is thrown, with the others suppressed. */
    @Override
    public void close() {
      RuntimeException first = null;
      while (!members.isEmpty()) {
        try {
          members.removeLast().close();
        } catch (RuntimeException e) {
          if (first == null) {
            first = e;
          } else {
            first.addSuppressed(e);
          }
        }
      }
      if (first != null) {
        throw first;
      }
    }
  }
}
