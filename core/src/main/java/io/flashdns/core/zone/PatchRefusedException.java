package io.flashdns.core.zone;

/** A zone cannot be patched, for want of room or because too much would change: build it anew. */
final class PatchRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PatchRefusedException() {
    super(null, null, false, false);
  }
}
