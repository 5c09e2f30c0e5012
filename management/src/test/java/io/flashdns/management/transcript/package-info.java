/** The transcript of the README, typed by a test. */
@NullMarked
package io.flashdns.management.transcript;

import org.jspecify.annotations.NullMarked;
