/**
 * Benchmarks of single steps: reading a name, finding a zone, answering a message, building an
 * image, passing hooks.
 *
 * <p>Run them with {@link io.flashdns.bench.micro.Micro}, which always has the allocation profiler
 * on and leaves a file with the numbers, the machine, the JDK, its flags and the commit. {@code
 * bench/README.md} has the rules.
 *
 * <p>What a benchmark does is asserted by {@code BenchmarksAreRightTest}: a fast wrong answer is no
 * result. Questions come in random order from long lists, so that a zone of a million names is read
 * where it lies and not from the nearest cache; before anything is measured, each worker has seen
 * every kind of answer, malformed messages, and zones of other shapes ({@link
 * io.flashdns.bench.micro.Pollution}).
 */
@NullMarked
package io.flashdns.bench.micro;

import org.jspecify.annotations.NullMarked;
