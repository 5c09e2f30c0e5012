package io.flashdns.core.store;

import java.time.Duration;

/** A {@link MemoryStore} whose maps outlive it. */
final class MemoryHarness implements StoreContract.Harness {
  private final MemoryStore.Disk disk = new MemoryStore.Disk();
  private final MemoryStore.Fault[] faults;
  private MemoryStore store;

  MemoryHarness(MemoryStore.Fault... faults) {
    this.faults = faults;
    this.store = new MemoryStore(disk, faults);
  }

  @Override
  public ZoneStore store() {
    return store;
  }

  @Override
  public ZoneStore reopen() {
    store.close();
    store = new MemoryStore(disk, faults);
    return store;
  }

  @Override
  public boolean advance(Duration time) {
    disk.advance(time);
    return true;
  }

  @Override
  public void close() {
    store.close();
  }
}
