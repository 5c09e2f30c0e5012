package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class when Netty's leak detector, which runs at paranoid in this build, reported a
 * buffer that was collected without having been released.
 */
final class LeakDetection implements BeforeAllCallback, AfterAllCallback {
  private static final List<String> LEAKS = new CopyOnWriteArrayList<>();

  static {
    // Before any buffer exists: the detectors are made once, with the first one.
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Recording());
  }

  private static final class Recording extends ResourceLeakDetectorFactory {
    @Override
    @SuppressWarnings("deprecation") // The only abstract method; all others end here.
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval, long maxActive) {
      ResourceLeakDetector<T> detector = new ResourceLeakDetector<>(resource, samplingInterval);
      detector.setLeakListener((type, records) -> LEAKS.add(type + records));
      return detector;
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    // The collector hands lost buffers to the detector, which looks at them when the next one is
    // made.
    for (int i = 0; i < 3; i++) {
      System.gc();
      io.netty.buffer.PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
    }
    assertThat(LEAKS).isEmpty();
  }
}
