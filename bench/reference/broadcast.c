/*
 * The floor: what it costs at least to bring a message to everybody in one room. One thread on epoll that takes the plain
 * codec's send-message and writes it to all connections, in one write per connection and pass of the loop. It checks
 * nothing, stores nothing, and knows one room only.
 *
 *   broadcast PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 512, READ_BYTES = 65536, ID_LENGTH = 24, LONGEST_FRAME = 1 << 20 };

struct bytes {
  char *at;
  size_t length, capacity;
};

struct connection {
  int fd, open, position; /* open: the handshake is done; position: in the list of members */
  struct bytes in, out;   /* out: what the socket did not take */
};

static int loop_fd;
static struct connection **members;
static int member_count, member_capacity;
static struct bytes round_bytes; /* what this pass of the loop brings to everybody */
static int64_t last_seq;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void append(struct bytes *to, const void *from, size_t length) {
  if (to->length + length > to->capacity) {
    to->capacity = (to->length + length) * 2;
    to->at = realloc(to->at, to->capacity);
    if (to->at == NULL) fail("memory");
  }
  memcpy(to->at + to->length, from, length);
  to->length += length;
}

static void drop_front(struct bytes *of, size_t length) {
  memmove(of->at, of->at + length, of->length - length);
  of->length -= length;
}

/* SHA-1 as RFC 6455 wants it for the handshake; the text is short. */
static uint32_t rotated(uint32_t value, int by) { return value << by | value >> (32 - by); }

static void sha1(const char *text, size_t length, unsigned char digest[20]) {
  unsigned char block[128] = {0};
  size_t total = length + 9 <= 64 ? 64 : 128;
  uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  memcpy(block, text, length);
  block[length] = 0x80;
  for (int i = 0; i < 8; i++) block[total - 1 - i] = (uint64_t)length * 8 >> (8 * i);
  for (size_t at = 0; at < total; at += 64) {
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 16; i++) {
      const unsigned char *p = block + at + i * 4;
      w[i] = (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
    }
    for (int i = 16; i < 80; i++) w[i] = rotated(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 80; i++) {
      uint32_t f, k;
      if (i < 20) f = (b & c) | (~b & d), k = 0x5A827999;
      else if (i < 40) f = b ^ c ^ d, k = 0x6ED9EBA1;
      else if (i < 60) f = (b & c) | (b & d) | (c & d), k = 0x8F1BBCDC;
      else f = b ^ c ^ d, k = 0xCA62C1D6;
      uint32_t next = rotated(a, 5) + f + e + k + w[i];
      e = d, d = c, c = rotated(b, 30), b = a, a = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
  }
  for (int i = 0; i < 20; i++) digest[i] = h[i / 4] >> (24 - 8 * (i % 4));
}

static void base64(const unsigned char digest[20], char text[29]) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned char padded[21] = {0};
  memcpy(padded, digest, 20);
  for (int i = 0; i < 7; i++) {
    uint32_t three = padded[i * 3] << 16 | padded[i * 3 + 1] << 8 | padded[i * 3 + 2];
    for (int j = 0; j < 4; j++) text[i * 4 + j] = digits[three >> (18 - 6 * j) & 63];
  }
  text[27] = '=';
  text[28] = 0;
}

static void watch(struct connection *c, int operation, int writing) {
  struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.ptr = c};
  if (epoll_ctl(loop_fd, operation, c->fd, &event) < 0) fail("epoll_ctl");
}

/* Writes, and keeps what the socket does not take; a reader that has gone is noticed when it is read from. */
static void put(struct connection *c, const void *bytes, size_t length) {
  ssize_t written = 0;
  if (c->out.length == 0) {
    written = send(c->fd, bytes, length, MSG_NOSIGNAL);
    if (written < 0) {
      if (errno != EAGAIN) return;
      written = 0;
    }
  }
  if ((size_t)written < length) {
    if (c->out.length == 0) watch(c, EPOLL_CTL_MOD, 1);
    append(&c->out, (const char *)bytes + written, length - written);
  }
}

static void append_text_frame(struct bytes *to, const char *text, size_t length) {
  unsigned char header[10] = {0x81};
  size_t header_length = 2;
  if (length < 126) {
    header[1] = length;
  } else if (length < 65536) {
    header[1] = 126, header[2] = length >> 8, header[3] = length, header_length = 4;
  } else {
    header[1] = 127, header_length = 10;
    for (int i = 0; i < 8; i++) header[2 + i] = (uint64_t)length >> (56 - 8 * i);
  }
  append(to, header, header_length);
  append(to, text, length);
}

static void put_text(struct connection *c, const char *text, size_t length) {
  static struct bytes frame;
  frame.length = 0;
  append_text_frame(&frame, text, length);
  put(c, frame.at, frame.length);
}

static void end(struct connection *c) {
  if (c->open) {
    members[c->position] = members[--member_count];
    members[c->position]->position = c->position;
  }
  close(c->fd);
  free(c->in.at);
  free(c->out.at);
  free(c);
}

static void join(struct connection *c, long long id, const char *ids) {
  static struct bytes answer;
  char text[128];
  const char *separator = "";
  const char *last = strchr(ids, ']');
  answer.length = 0;
  append(&answer, text, sprintf(text, "{\"id\":%lld,\"ok\":true,\"data\":{\"joined\":[", id));
  for (const char *at = strchr(ids, '"'); at != NULL && last != NULL && at < last; at = strchr(at + ID_LENGTH + 2, '"')) {
    append(&answer, text, sprintf(text, "%s{\"chatId\":\"%.24s\",\"headSeq\":%lld}", separator, at + 1, (long long)last_seq));
    separator = ",";
  }
  append(&answer, "],\"refused\":[]}}", 16);
  put_text(c, answer.at, answer.length);
}

static void pass_on(struct connection *c, long long id, const char *content) {
  static struct bytes event;
  char text[64];
  struct timespec now;
  const char *last = content;
  while (*last != 0 && *last != '"') last += *last == '\\' && last[1] != 0 ? 2 : 1;
  clock_gettime(CLOCK_REALTIME, &now);
  int64_t micros = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
  last_seq = micros > last_seq ? micros : last_seq + 1;
  event.length = 0;
  append(&event, "{\"event\":\"new-message\",\"data\":{\"seq\":", 37);
  append(&event, text, sprintf(text, "%lld,\"content\":\"", (long long)last_seq));
  append(&event, content, last - content);
  append(&event, "\"}}", 3);
  append_text_frame(&round_bytes, event.at, event.length);
  put_text(c, text, sprintf(text, "{\"id\":%lld,\"ok\":true,\"data\":{}}", id));
}

static void take(struct connection *c, const char *text) {
  static const char joining[] = "\"event\":\"join-chats\"", sending[] = "\"event\":\"send-message\"";
  long long id = strncmp(text, "{\"id\":", 6) == 0 ? atoll(text + 6) : 0;
  const char *ids, *content;
  if (strstr(text, sending) != NULL && (content = strstr(text, "\"content\":\"")) != NULL) {
    pass_on(c, id, content + 11);
  } else if (strstr(text, joining) != NULL && (ids = strstr(text, "\"chatIds\":[")) != NULL) {
    join(c, id, ids + 11);
  }
}

/* Answers the request; 0 where the connection is to be closed. */
static int shake_hands(struct connection *c, char *request) {
  static const char magic[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", connected[] = "{\"event\":\"connected\",\"data\":{}}";
  char text[256], accept[29];
  unsigned char digest[20];
  char *key = strcasestr(request, "\r\nsec-websocket-key:");
  if (key == NULL) {
    put(c, text, sprintf(text, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    return 0;
  }
  key += 20;
  key += strspn(key, " ");
  size_t length = sprintf(text, "%.24s%s", key, magic);
  sha1(text, length, digest);
  base64(digest, accept);
  put(c, text,
      sprintf(text,
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
              accept));
  put_text(c, connected, sizeof connected - 1);
  if (member_count == member_capacity) {
    member_capacity = member_capacity ? member_capacity * 2 : 1024;
    members = realloc(members, member_capacity * sizeof *members);
    if (members == NULL) fail("memory");
  }
  c->position = member_count;
  members[member_count++] = c;
  return c->open = 1;
}

/* Takes the first frame; how long it was, 0 where it is not whole yet, -1 where the connection is to be closed. */
static long take_frame(struct connection *c) {
  unsigned char *at = (unsigned char *)c->in.at;
  if (c->in.length < 6) return 0;
  size_t length = at[1] & 127, header = 2;
  if (length == 126) {
    length = at[2] << 8 | at[3];
    header = 4;
  } else if (length == 127) {
    return -1;
  }
  if ((at[1] & 128) == 0 || length > LONGEST_FRAME || (at[0] & 15) == 8) return -1;
  if (c->in.length < header + 4 + length) return 0;
  unsigned char *mask = at + header, *text = mask + 4;
  for (size_t i = 0; i < length; i++) text[i] ^= mask[i & 3];
  if ((at[0] & 15) == 1) {
    /* The byte behind may be the next frame's. */
    char behind = text[length];
    text[length] = 0;
    take(c, (char *)text);
    text[length] = behind;
  }
  return header + 4 + length;
}

/* 0 where the connection is to be closed. */
static int read_from(struct connection *c) {
  static char buffer[READ_BYTES];
  ssize_t count = recv(c->fd, buffer, sizeof buffer, 0);
  if (count <= 0) return count < 0 && errno == EAGAIN;
  append(&c->in, buffer, count);
  append(&c->in, "", 1); /* so that all of it is a text that ends */
  c->in.length--;
  if (!c->open) {
    char *last = strstr(c->in.at, "\r\n\r\n");
    if (last == NULL) return c->in.length < READ_BYTES;
    if (!shake_hands(c, c->in.at)) return 0;
    drop_front(&c->in, last + 4 - c->in.at);
  }
  size_t taken = 0;
  for (;;) {
    struct bytes all = c->in;
    c->in.at += taken;
    c->in.length -= taken;
    long frame = take_frame(c);
    c->in = all;
    if (frame < 0) return 0;
    if (frame == 0) break;
    taken += frame;
  }
  drop_front(&c->in, taken);
  return 1;
}

static void write_rest(struct connection *c) {
  ssize_t written = send(c->fd, c->out.at, c->out.length, MSG_NOSIGNAL);
  if (written > 0) drop_front(&c->out, written);
  if (c->out.length == 0) watch(c, EPOLL_CTL_MOD, 0);
}

static void accept_all(int listener) {
  int fd, on = 1;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    struct connection *c = calloc(1, sizeof *c);
    if (c == NULL) fail("memory");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    c->fd = fd;
    watch(c, EPOLL_CTL_ADD, 0);
  }
}

static int listen_at(int port) {
  int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 4096) < 0) fail("listen");
  return fd;
}

int main(int count, char **words) {
  if (count != 2) {
    fprintf(stderr, "broadcast PORT\n");
    return 2;
  }
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  signal(SIGPIPE, SIG_IGN);
  loop_fd = epoll_create1(0);
  int listener = listen_at(atoi(words[1]));
  struct epoll_event events[EVENTS], listening = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(loop_fd, EPOLL_CTL_ADD, listener, &listening);
  for (;;) {
    int ready = epoll_wait(loop_fd, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      struct connection *c = events[i].data.ptr;
      if (c == NULL) {
        accept_all(listener);
        continue;
      }
      if (events[i].events & EPOLLOUT) write_rest(c);
      if (events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP) && !read_from(c)) end(c);
    }
    if (round_bytes.length > 0) {
      for (int i = 0; i < member_count; i++) put(members[i], round_bytes.at, round_bytes.length);
      round_bytes.length = 0;
    }
  }
}
