/**
 * Who calls: credentials of a call made a {@link io.flashdns.management.identity.Principal}, or
 * refused. What a principal may do is decided elsewhere.
 *
 * <p>A door collects {@link io.flashdns.management.identity.Credentials} and asks {@link
 * io.flashdns.management.identity.Authenticators}, which knows three kinds:
 *
 * <ul>
 *   <li>signed tokens of issuers that are configured ({@link
 *       io.flashdns.management.identity.IssuerConfig}): {@code oidc:ISSUER#SUBJECT}, with groups
 *       {@code group:ISSUER#GROUP}, and with roles when claims are mapped to them;
 *   <li>API tokens of this server ({@link io.flashdns.management.identity.TokenSecrets}, {@link
 *       io.flashdns.management.identity.TokenLookup}): {@code token:ID};
 *   <li>client certificates ({@link io.flashdns.management.identity.ServerTls}): {@code
 *       mtls:URI:…}, {@code mtls:DNS:…}, {@code mtls:EMAIL:…}.
 * </ul>
 *
 * <p>Rules that hold for all of them:
 *
 * <ul>
 *   <li>What cannot be verified is refused: keys that cannot be had are no reason to let somebody
 *       in.
 *   <li>The configuration decides what is right, never the credentials: no algorithm, key or URL is
 *       taken from a token.
 *   <li>Sizes are looked at before contents. A refusal costs less than a millisecond and 64 KiB. An
 *       issuer is asked for its keys once in 30 seconds at most, however many calls come.
 *   <li>Refusals are counted by {@link io.flashdns.management.identity.Refusal} and not logged. The
 *       caller is told what it can mend, and nothing of secrets.
 * </ul>
 */
@NullMarked
package io.flashdns.management.identity;

import org.jspecify.annotations.NullMarked;
