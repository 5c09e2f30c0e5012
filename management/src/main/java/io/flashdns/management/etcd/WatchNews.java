package io.flashdns.management.etcd;

import io.etcd.jetcd.Watch;
import io.etcd.jetcd.watch.WatchResponse;
import java.util.concurrent.BlockingQueue;

/** What a watch says: a response, or its end. */
sealed interface WatchNews {
  record Response(WatchResponse response) implements WatchNews {}

  record End(String why) implements WatchNews {}

  /**
   * Puts it into a queue, on the library's thread. Without room the watch ends: who reads is so far
   * behind that it reads what is there instead.
   */
  static Watch.Listener into(BlockingQueue<WatchNews> queue) {
    return new Listener(queue);
  }

  /** See {@link #into}. */
  record Listener(BlockingQueue<WatchNews> queue) implements Watch.Listener {
    @Override
    public void onNext(WatchResponse response) {
      tell(new Response(response));
    }

    @Override
    public void onError(Throwable error) {
      tell(new End(String.valueOf(error)));
    }

    @Override
    public void onCompleted() {
      tell(new End("it was closed by etcd"));
    }

    private void tell(WatchNews one) {
      if (!queue.offer(one)) {
        queue.clear();
        boolean _ = queue.offer(new End("it was too fast"));
      }
    }
  }
}
