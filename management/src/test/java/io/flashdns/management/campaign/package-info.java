/**
 * Campaigns against what is kept: processes killed, power cut, disks full, bits flipped, bad data
 * handed in. Each has a short form that runs in the build, or none when it needs root; the long
 * form runs with {@code -Dcampaign} and leaves its figures in {@code target/campaign}.
 *
 * <pre>
 * mvn -pl management -am test -Dcampaign -Dtest=CrashTest                  # 200 kills; -Dflashdns.campaign.runs=1000
 * mvn -pl management -am test -Dcampaign -Dtest=PowerCutTest               # root: loop devices
 * mvn -pl management -am test -Dcampaign -Dtest=BitFlipTest                # 1,000 flips
 * mvn -pl management -am test -Dcampaign -Dtest='FsyncAuditTest,DiskTroubleTest'   # strace, root
 * </pre>
 *
 * <p>{@link io.flashdns.management.campaign.StoreWriters} is the program that is killed: writers
 * that say what they are about to do, do it, and say what became of it, each in one line that
 * leaves the process after the store's answer. {@link io.flashdns.management.campaign.Ledger} is
 * what the test has read of that, and what it holds the store against afterwards.
 */
@NullMarked
package io.flashdns.management.campaign;

import org.jspecify.annotations.NullMarked;
