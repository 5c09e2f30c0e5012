package io.flashdns.plugins.tap;

/** Takes what a {@link RingDrain} finds. All methods are called by the drain's thread. */
public interface RecordSink {
  /**
   * Takes one record. What cannot be written is the sink's to count.
   *
   * @param bytes the ring's octets, to be read before the call returns
   */
  void accept(byte[] bytes, int offset, int length);

  /**
   * All rings were looked at: writes out what has been gathered, and does what is to be done from
   * time to time. Called some hundred times a second.
   *
   * @param nowNanos {@link System#nanoTime}
   */
  void drained(long nowNanos);

  /** No record will come any more: writes out what has been gathered and closes what is open. */
  void close();
}
