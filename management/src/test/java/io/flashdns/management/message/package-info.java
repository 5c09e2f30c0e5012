/** Tests of the messages of the API and what they mean in the core. */
@NullMarked
package io.flashdns.management.message;

import org.jspecify.annotations.NullMarked;
