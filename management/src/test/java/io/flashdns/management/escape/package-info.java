/** What a tenant, or who has no credentials at all, tries to get at what is not his. */
@NullMarked
package io.flashdns.management.escape;

import org.jspecify.annotations.NullMarked;
