/**
 * The cookies plugin: DNS cookies (RFC 7873) in their interoperable form (RFC 9018). It takes part
 * in the gate phase; see this folder's README.md.
 *
 * <p>A {@link io.flashdns.plugins.cookies.CookieGate} of each worker makes and checks cookies with
 * the {@link io.flashdns.plugins.cookies.Secrets} of the moment, which the plugin takes from a
 * {@link io.flashdns.plugins.cookies.SecretSource}: the operator's file, those that all nodes of a
 * shared store have, or secrets of the server's own.
 */
@NullMarked
package io.flashdns.plugins.cookies;

import org.jspecify.annotations.NullMarked;
