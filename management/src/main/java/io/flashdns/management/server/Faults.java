package io.flashdns.management.server;

/** What a stranger's code threw, in words. */
final class Faults {
  private Faults() {}

  /**
   * Class and message, or the message alone where it was written for the operator. A throwable's
   * methods may be the stranger's as well: what they throw is not let out.
   */
  static String said(Throwable fault) {
    try {
      String message = fault.getMessage();
      boolean isSentence =
          fault instanceof IllegalArgumentException || fault instanceof IllegalStateException;
      return message != null && isSentence ? message : fault.toString();
    } catch (RuntimeException | LinkageError | StackOverflowError _) {
      return fault.getClass().getName();
    }
  }

  /**
   * Lets out what no sentence can stand for: the process itself is at its end.
   *
   * @return {@code fault}
   */
  static Throwable contained(Throwable fault) {
    if (fault instanceof VirtualMachineError error && !(fault instanceof StackOverflowError)) {
      throw error;
    }
    return fault;
  }
}
