package io.flashdns.transport;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;

/** Sets options on Netty's channels. */
final class ChannelOptions {
  private ChannelOptions() {}

  /**
   * Sets one option.
   *
   * @throws io.netty.channel.ChannelException when the system refuses it
   * @throws IllegalArgumentException when this kind of channel does not know it
   */
  @SuppressWarnings("unchecked") // The maps of options pair each option with a value of its type.
  static void set(Channel channel, ChannelOption<?> option, Object value) {
    if (!channel.config().setOption((ChannelOption<Object>) option, value)) {
      throw new IllegalArgumentException(
          channel.getClass().getSimpleName() + " does not know the option " + option);
    }
  }

  /**
   * The allocator is named and not left to Netty's default, which changed to one that kept memory
   * after bursts.
   */
  static void setAllocator(Channel channel) {
    channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
  }
}
