/**
 * Tenants: organisations and projects, what they may use, whose names are whose, and who may do
 * what within them. All of it lies in documents of the store, beside the zones ({@link
 * io.flashdns.management.tenancy.Keys}), and is changed and checked in their transactions.
 *
 * <p>{@link io.flashdns.management.tenancy.Tenancy} opens all of it over a store and follows that:
 * {@link io.flashdns.management.tenancy.Access} says what a principal may do, {@link
 * io.flashdns.management.tenancy.Tokens} finds API tokens, {@link
 * io.flashdns.management.tenancy.Standing} tells the DNS who is suspended, and {@link
 * io.flashdns.management.tenancy.TenantRules} judge every change of zones inside its transaction.
 * {@link io.flashdns.management.tenancy.Transfers} give zones away; {@link
 * io.flashdns.management.tenancy.FirstAdmin} lets the first one in.
 */
@NullMarked
package io.flashdns.management.tenancy;

import org.jspecify.annotations.NullMarked;
