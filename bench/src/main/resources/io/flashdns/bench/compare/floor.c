/* The floor under every DNS server on this kernel: what it costs to receive a query and to send something back.
 *
 * Receives a batch, turns the QR and AA bits on, says there is one answer, sends each message back with 16 octets
 * more. Reads no name and looks nothing up. Usage: floor PORT WORKERS; each worker is a process with a socket of its
 * own on 127.0.0.1.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 32, ROOM = 2048, MORE = 16, HEADER = 12, BUFFER = 4 << 20 };

static unsigned char octets[BATCH][ROOM];
static struct sockaddr_in peers[BATCH];
static struct iovec parts[BATCH];
static struct mmsghdr messages[BATCH];

static int serve(int port) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0), yes = 1, size = BUFFER;
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) ||
      bind(fd, (struct sockaddr *)&at, sizeof at)) {
    perror("floor");
    return 1;
  }
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size)) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size)) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  for (;;) {
    for (int i = 0; i < BATCH; i++) {
      parts[i].iov_base = octets[i];
      parts[i].iov_len = ROOM - MORE;
      memset(&messages[i], 0, sizeof messages[i]);
      messages[i].msg_hdr.msg_name = &peers[i];
      messages[i].msg_hdr.msg_namelen = sizeof peers[i];
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    int received = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
    for (int i = 0; i < received; i++) {
      unsigned length = messages[i].msg_len;
      if (length >= HEADER) {
        octets[i][2] |= 0x84;
        octets[i][7] = 1;
      }
      memset(octets[i] + length, 0, MORE);
      parts[i].iov_len = length + MORE;
    }
    for (int sent = 0; sent < received;) {
      int went = sendmmsg(fd, messages + sent, (unsigned)(received - sent), 0);
      sent += went > 0 ? went : 1;
    }
  }
}

int main(int count, char **words) {
  if (count != 3) {
    fprintf(stderr, "usage: floor PORT WORKERS\n");
    return 2;
  }
  for (int i = 1; i < atoi(words[2]); i++) {
    if (fork() == 0) {
      prctl(PR_SET_PDEATHSIG, SIGTERM);
      break;
    }
  }
  return serve(atoi(words[1]));
}
