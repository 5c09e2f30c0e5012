package io.flashdns.management.etcd;

import java.util.Map;

/**
 * How a node gets on with the store that it shares.
 *
 * @param sequence of the last group that its copy has
 * @param silentSeconds since etcd answered last: the age of what is served, at most
 * @param watches that were begun
 * @param gaps times that a watch had left something out
 * @param faults calls that failed, and whatever else stopped the following
 * @param differences times that the copy was not what the others have
 * @param fetches times that everything was fetched anew
 * @param images that this node wrote
 * @param versions of etcd's members that ever told theirs, by HOST:PORT
 * @param outdated those of them that lack repairs a newer release has
 */
public record EtcdFigures(
    long sequence,
    double silentSeconds,
    long watches,
    long gaps,
    long faults,
    long differences,
    long fetches,
    long images,
    Map<String, String> versions,
    long outdated) {
  public EtcdFigures {
    versions = Map.copyOf(versions);
  }
}
