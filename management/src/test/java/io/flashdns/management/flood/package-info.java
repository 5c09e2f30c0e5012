/** The rate limit on the wire: a flood from one network, and who must not suffer from it. */
@NullMarked
package io.flashdns.management.flood;

import org.jspecify.annotations.NullMarked;
