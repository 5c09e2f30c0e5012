/** Tests of the embedded store. */
@NullMarked
package io.flashdns.management.store;

import org.jspecify.annotations.NullMarked;
