/**
 * The record index: which zone images are in memory, and the files that hold all of them.
 *
 * <p>The {@link io.flashdns.core.zone.Catalog catalog} is complete and never evicted; images are
 * held by weight under a budget and read from {@link io.flashdns.core.index.ImageFiles} when a
 * query needs one that is not in memory. So an eviction costs time, never a wrong answer.
 *
 * <p>In what order things happen: {@code ImageFiles.open}; {@code new RecordIndex}; {@code
 * ImageFiles.load} with the index as the source of zones; {@code RecordIndex.begin} with what came,
 * or with an empty catalog; then, for each change, {@code filed} for each new image and {@code
 * publish}; now and then {@code ImageFiles.save}, and {@code compact} until it says no.
 *
 * <p>What is where: {@code PackFile} is one file, {@code ImagePacks} all of them with the buffer of
 * what was appended last, {@code CatalogWriter} and {@code CatalogReader} are the form of the saved
 * catalog, {@code Census} counts what is alive, {@code Compaction} moves it, {@code WarmUp} reads
 * ahead after a start.
 */
@NullMarked
package io.flashdns.core.index;

import org.jspecify.annotations.NullMarked;
