package io.flashdns.plugins.tenancy;

/** What is done over UDP with a query above its tenant's budget. Over TCP it is refused. */
public enum OverBudget {
  /** Nothing is sent. */
  DROP,
  /** REFUSED is sent. */
  REFUSE,
  /** A reply without records that says TC is sent, so that the asker comes again over TCP. */
  TRUNCATE
}
