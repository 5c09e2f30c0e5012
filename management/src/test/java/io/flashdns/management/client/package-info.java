@NullMarked
package io.flashdns.management.client;

import org.jspecify.annotations.NullMarked;
