package io.flashdns.management.identity;

import io.flashdns.proto.v1.AuthenticationMethod;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Recognises client certificates by the subject alternative name of the first one (RFC 5280
 * §4.2.1.6). The handshake has verified the chain; its dates are looked at again, because
 * connections live longer than that moment. Safe for all threads.
 *
 * <p>Of several names one counts: the first URI, without any the first DNS name, without that the
 * first e-mail address. The common name never counts.
 */
final class ClientCertificates {
  private static final int MAX_NAME = 512;
  private static final int MAX_DISPLAY_NAME = 255;

  private final InstantSource clock;
  private final Refusals refusals;

  ClientCertificates(InstantSource clock, Refusals refusals) {
    this.clock = clock;
    this.refusals = refusals;
  }

  /** Whose chain it is. */
  Principal authenticate(List<X509Certificate> chain) throws UnauthenticatedException {
    Instant now = clock.instant();
    Instant expires = Instant.MAX;
    for (X509Certificate certificate : chain) {
      Instant end = certificate.getNotAfter().toInstant();
      expires = end.isBefore(expires) ? end : expires;
      if (now.isBefore(certificate.getNotBefore().toInstant())) {
        throw refusals.refuse(
            Refusal.CERTIFICATE,
            "the client certificate does not hold yet: compare the clocks, or use another");
      }
    }
    if (now.isAfter(expires)) {
      throw refusals.refuse(
          Refusal.CERTIFICATE, "the client certificate has expired: connect again with a new one");
    }
    X509Certificate leaf = chain.getFirst();
    String name = name(leaf);
    if (name == null) {
      throw refusals.refuse(
          Refusal.CERTIFICATE,
          "the client certificate has no subject alternative name of kind URI, DNS or e-mail, by"
              + " which callers are known: use one that has");
    }
    String subject = leaf.getSubjectX500Principal().getName();
    return new Principal(
        "mtls:" + name,
        AuthenticationMethod.AUTHENTICATION_METHOD_MTLS,
        subject.length() > MAX_DISPLAY_NAME ? subject.substring(0, MAX_DISPLAY_NAME) : subject,
        List.of(),
        List.of(),
        expires);
  }

  private static @Nullable String name(X509Certificate leaf) {
    Collection<List<?>> names;
    try {
      names = leaf.getSubjectAlternativeNames();
    } catch (CertificateParsingException _) {
      return null;
    }
    if (names == null) {
      return null;
    }
    for (Kind kind : Kind.values()) {
      for (List<?> name : names) {
        if (name.get(0) instanceof Integer number
            && number == kind.number
            && name.get(1) instanceof String text) {
          return isPlain(text) ? kind.name() + ":" + text : null;
        }
      }
    }
    return null;
  }

  /** Printable ASCII without blanks: what a policy can name and a log can hold. */
  private static boolean isPlain(String text) {
    return !text.isEmpty()
        && text.length() <= MAX_NAME
        && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  /** Kinds of names, first those that count first, with their numbers in a GeneralName. */
  private enum Kind {
    URI(6),
    DNS(2),
    EMAIL(1);

    private final int number;

    Kind(int number) {
      this.number = number;
    }
  }
}
