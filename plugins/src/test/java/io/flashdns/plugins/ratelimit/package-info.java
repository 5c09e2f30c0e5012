/** Tests of the ratelimit plugin, by a clock that is moved by hand. */
@NullMarked
package io.flashdns.plugins.ratelimit;

import org.jspecify.annotations.NullMarked;
