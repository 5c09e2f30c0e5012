/** Tests of the shared store, against real members of etcd on loopback. */
@NullMarked
package io.flashdns.management.etcd;

import org.jspecify.annotations.NullMarked;
