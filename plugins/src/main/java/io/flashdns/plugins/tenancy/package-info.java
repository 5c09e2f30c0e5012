/**
 * The tenancy plugin: many organisations and projects on one server.
 *
 * <p>It takes part in three phases, on each worker with a {@link
 * io.flashdns.plugins.tenancy.TenancyHook} and, when views are configured, a {@code ViewRouter}:
 *
 * <ul>
 *   <li>Route: chooses the view by the source network and the listener, one look-up in an immutable
 *       table that all workers share.
 *   <li>Answer, before the zones are looked into: refuses suspended zones and tenants, and what an
 *       exclusive view hides; holds each tenant to its budget of queries, by one virtual clock for
 *       each tenant that all workers move ({@code Budgets}).
 *   <li>Observe: counts each query once, by the number of its zone, in an array of its worker's own
 *       ({@code WorkerLedger}). {@code Ledger} knows whom the numbers stand for and adds up when
 *       somebody asks.
 * </ul>
 *
 * <p>Zones and tenants bring their numbers with them ({@link io.flashdns.core.zone.Zone#number},
 * {@link io.flashdns.core.zone.Tenant#number}): nothing is looked up by name in the path of a
 * query. A number may be newer than what the plugin was told of: arrays grow when it is first seen.
 *
 * <p>See this folder's README.md for the configuration and the metrics.
 */
@NullMarked
package io.flashdns.plugins.tenancy;

import org.jspecify.annotations.NullMarked;
