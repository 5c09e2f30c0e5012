/** What the tests of several plugins use. */
@NullMarked
package io.flashdns.plugins;

import org.jspecify.annotations.NullMarked;
