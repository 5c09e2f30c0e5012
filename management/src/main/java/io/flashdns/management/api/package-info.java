/**
 * What the calls of the API do. A call comes with who it is from and what that may do ({@link
 * io.flashdns.management.api.Call}); it reads a snapshot, or is a change set with its rules, its
 * audit entry and its answer in one transaction ({@code Committer}). How calls get here is not
 * known here.
 */
@NullMarked
package io.flashdns.management.api;

import org.jspecify.annotations.NullMarked;
