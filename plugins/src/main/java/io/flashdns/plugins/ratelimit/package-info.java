/**
 * The ratelimit plugin: response rate limiting. It takes part in the shape phase; see this folder's
 * README.md for what it does and why.
 *
 * <p>{@link io.flashdns.plugins.ratelimit.RateLimitPlugin} is the process's part, {@link
 * io.flashdns.plugins.ratelimit.RateLimitHook} a worker's. All workers count in one {@link
 * io.flashdns.plugins.ratelimit.LoadTable}, whose numbers fall as {@link
 * io.flashdns.plugins.ratelimit.Decay} says; {@link io.flashdns.plugins.ratelimit.Budgets} says
 * what a reply weighs. {@link io.flashdns.plugins.ratelimit.OctetDebts} keeps a flood from getting
 * more octets than it sends.
 */
@NullMarked
package io.flashdns.plugins.ratelimit;

import org.jspecify.annotations.NullMarked;
