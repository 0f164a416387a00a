#include "retort_transfers.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

// The part of libcurl's stable interface that is used, from its documentation: numbers of options are the kind's base
// (0 numbers, 10000 pointers, 20000 functions) and the option's own.
enum {
  OPT_WRITEDATA = 10001,
  OPT_URL = 10002,
  OPT_PROXY = 10004,
  OPT_ERRORBUFFER = 10010,
  OPT_USERAGENT = 10018,
  OPT_HTTPHEADER = 10023,
  OPT_HEADERDATA = 10029,
  OPT_NOBODY = 44,
  OPT_FOLLOWLOCATION = 52,
  OPT_CAINFO = 10065,
  OPT_CAPATH = 10097,
  OPT_NOSIGNAL = 99,
  OPT_PROTOCOLS = 181,
  OPT_SUPPRESS_CONNECT_HEADERS = 265,
  OPT_QUICK_EXIT = 322,
  OPT_WRITEFUNCTION = 20011,
  OPT_HEADERFUNCTION = 20079,
  INFO_RESPONSE_CODE = 0x200000 + 2,
  PROTOCOL_HTTP = 1,
  PROTOCOL_HTTPS = 2,
  GLOBAL_ALL = 3,
  MESSAGE_DONE = 1,
  POLL_MILLISECONDS = 100,
};

typedef struct message_of_multi {
  int message;
  void *easy;
  union {
    void *whatever;
    int result;
  } data;
} message_of_multi;

static struct {
  int (*global_init)(long flags);
  void *(*easy_init)(void);
  int (*easy_setopt)(void *easy, int option, ...);
  int (*easy_getinfo)(void *easy, int info, ...);
  const char *(*easy_strerror)(int code);
  void (*easy_cleanup)(void *easy);
  void *(*slist_append)(void *list, const char *text);
  void (*slist_free_all)(void *list);
  void *(*multi_init)(void);
  int (*multi_add_handle)(void *multi, void *easy);
  int (*multi_perform)(void *multi, int *running);
  int (*multi_poll)(void *multi, void *extra, unsigned count, int milliseconds, int *ready);
  message_of_multi *(*multi_info_read)(void *multi, int *left);
  int (*multi_remove_handle)(void *multi, void *easy);
  int (*multi_cleanup)(void *multi);
  char problem[256];  // Why it is not bound; empty when it is.
} curl;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void bind_library(void) {
  static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "/usr/lib/libcurl.4.dylib"};
  void *library = 0;
  for (size_t i = 0; !library && i < sizeof names / sizeof *names; i++) {
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!library && i == 0) snprintf(curl.problem, sizeof curl.problem, "%s", dlerror());
  }
  if (!library) return;
  curl.problem[0] = 0;
#define BIND(name)                                                                                       \
  *(void **)&curl.name = dlsym(library, "curl_" #name);                                                  \
  if (!curl.name) {                                                                                      \
    snprintf(curl.problem, sizeof curl.problem, "libcurl is too old: it has no curl_%s (7.66)", #name); \
    return;                                                                                              \
  }
  BIND(global_init)
  BIND(easy_init)
  BIND(easy_setopt)
  BIND(easy_getinfo)
  BIND(easy_strerror)
  BIND(easy_cleanup)
  BIND(slist_append)
  BIND(slist_free_all)
  BIND(multi_init)
  BIND(multi_add_handle)
  BIND(multi_perform)
  BIND(multi_poll)
  BIND(multi_info_read)
  BIND(multi_remove_handle)
  BIND(multi_cleanup)
#undef BIND
  if (curl.global_init(GLOBAL_ALL)) snprintf(curl.problem, sizeof curl.problem, "libcurl does not start");
}

typedef struct under_way {
  const retort_transfer_receiver *receiver;
  void *easy;
  double heard;      // When the last byte came, or was dealt with.
  double told;       // When the receiver was last called.
  int has_head;      // The head was given to the receiver.
  int is_stopped;    // A callback wanted no more.
} under_way;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

// Each returns another number than was given to end the request.
static size_t took(under_way *state, int answer, size_t length) {
  state->heard = state->told = now();
  if (answer) state->is_stopped = 1;
  return answer ? length + 1 : length;
}

static size_t header(char *bytes, size_t size, size_t count, void *context) {
  under_way *state = context;
  size_t length = size * count, shown = length;
  while (shown && (bytes[shown - 1] == '\n' || bytes[shown - 1] == '\r')) shown--;
  state->heard = now();
  // What comes after the body is no part of the head.
  if (state->has_head) return length;
  if (shown) return took(state, state->receiver->header(state->receiver->context, bytes, shown), length);
  long status = 0;
  curl.easy_getinfo(state->easy, INFO_RESPONSE_CODE, &status);
  // An interim answer: the real one follows. After 101 there is none.
  if (status < 200 && status != 101) return length;
  state->has_head = 1;
  return took(state, state->receiver->head(state->receiver->context, (int)status), length);
}

static size_t body(char *bytes, size_t size, size_t count, void *context) {
  under_way *state = context;
  size_t length = size * count;
  if (!state->has_head) return length + 1;
  return took(state, state->receiver->body(state->receiver->context, bytes, length), length);
}

static int is_lasting(int code) {
  switch (code) {
    case 1:                                          // Another protocol than http and https.
    case 3:                                          // No address.
    case 53: case 54: case 58: case 59:              // TLS cannot be set up; 35 also stands for a handshake that broke.
    case 60: case 64: case 66: case 77: case 80:     // A certificate of somebody else, or of nobody.
    case 82: case 83: case 90: case 91:
      return 1;
    default:
      return 0;
  }
}

// Sends and receives until the end. The code is libcurl's; −1 after `patience` seconds of silence.
static int run(void *multi, under_way *state, double patience) {
  state->heard = state->told = now();
  for (;;) {
    int running = 0, left = 0;
    if (curl.multi_perform(multi, &running)) return 2;
    for (message_of_multi *message; (message = curl.multi_info_read(multi, &left));)
      if (message->message == MESSAGE_DONE) return message->data.result;
    if (!running) return 2;
    if (now() - state->heard > patience) return -1;
    int ready = 0;
    curl.multi_poll(multi, 0, 0, POLL_MILLISECONDS, &ready);
    double time = now();
    if (time - state->told < POLL_MILLISECONDS * 1e-3) continue;
    state->told = time;
    if (state->receiver->idle(state->receiver->context)) {
      state->is_stopped = 1;
      return 0;
    }
  }
}

// The library copies what it is given.
static void *list_of_lines(const char *text) {
  void *list = 0;
  char line[8192];
  for (size_t length; *text; text += length + (text[length] == '\n')) {
    length = strcspn(text, "\n");
    snprintf(line, sizeof line, "%.*s", (int)length, text);
    list = curl.slist_append(list, line);
  }
  return list;
}

// The system's certificates count no more.
static void trust(void *easy, const char *path) {
  struct stat status;
  int is_folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
  curl.easy_setopt(easy, OPT_CAINFO, is_folder ? (char *)0 : path);
  curl.easy_setopt(easy, OPT_CAPATH, is_folder ? path : (char *)0);
}

static void set_options(under_way *state, const retort_transfer_request *request, void *headers, char *problem) {
  void *easy = state->easy;
  curl.easy_setopt(easy, OPT_ERRORBUFFER, problem);
  curl.easy_setopt(easy, OPT_URL, request->url);
  curl.easy_setopt(easy, OPT_PROTOCOLS, (long)(PROTOCOL_HTTP | PROTOCOL_HTTPS));
  curl.easy_setopt(easy, OPT_FOLLOWLOCATION, 0L);
  curl.easy_setopt(easy, OPT_NOBODY, (long)request->is_head);
  curl.easy_setopt(easy, OPT_HTTPHEADER, headers);
  curl.easy_setopt(easy, OPT_USERAGENT, "retort");
  // The head of a proxy's answer is no part of the server's.
  curl.easy_setopt(easy, OPT_SUPPRESS_CONNECT_HEADERS, 1L);
  // Threads are safe only where the library sets no signal.
  curl.easy_setopt(easy, OPT_NOSIGNAL, 1L);
  if (request->certificates[0]) trust(easy, request->certificates);
  if (request->is_local) curl.easy_setopt(easy, OPT_PROXY, "");
  curl.easy_setopt(easy, OPT_HEADERFUNCTION, header);
  curl.easy_setopt(easy, OPT_HEADERDATA, state);
  curl.easy_setopt(easy, OPT_WRITEFUNCTION, body);
  curl.easy_setopt(easy, OPT_WRITEDATA, state);
}

static enum retort_transfer_end transfer(const retort_transfer_request *request, const retort_transfer_receiver *receiver,
                                         char *message, size_t capacity) {
  pthread_once(&once, bind_library);
  snprintf(message, capacity, "%s", curl.problem);
  if (curl.problem[0]) return RETORT_TRANSFER_NO_LIBRARY;

  char problem[256] = "";
  under_way state = {.receiver = receiver, .easy = curl.easy_init()};
  void *multi = curl.multi_init(), *headers = 0;
  int code = 27;  // Out of memory.
  if (state.easy && multi) {
    headers = list_of_lines(request->headers);
    set_options(&state, request, headers, problem);
    code = curl.multi_add_handle(multi, state.easy) ? 2 : run(multi, &state, request->patience);
    // A name that is still looked up is not waited for; older libraries do not know the option.
    if (code < 0 || state.is_stopped) curl.easy_setopt(state.easy, OPT_QUICK_EXIT, 1L);
    curl.multi_remove_handle(multi, state.easy);
  }
  if (code > 0) snprintf(message, capacity, "%s", problem[0] ? problem : curl.easy_strerror(code));
  if (code < 0) snprintf(message, capacity, "no answer in time");
  if (state.easy) curl.easy_cleanup(state.easy);
  if (multi) curl.multi_cleanup(multi);
  curl.slist_free_all(headers);

  if (state.is_stopped) return RETORT_TRANSFER_STOPPED;
  if (!code) return RETORT_TRANSFER_DONE;
  return code > 0 && is_lasting(code) ? RETORT_TRANSFER_REFUSED : RETORT_TRANSFER_BROKEN;
}

enum retort_transfer_end retort_transfer(const retort_transfer_request *request, const retort_transfer_receiver *receiver,
                                         char *message, size_t capacity) {
  // TLS libraries may write to a connection that the server has closed, which would end the process.
  sigset_t pipes, before, pending;
  sigemptyset(&pipes);
  sigaddset(&pipes, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipes, &before);
  enum retort_transfer_end end = transfer(request, receiver, message, capacity);
  int caught;
  if (!sigismember(&before, SIGPIPE) && !sigpending(&pending) && sigismember(&pending, SIGPIPE)) sigwait(&pipes, &caught);
  pthread_sigmask(SIG_SETMASK, &before, 0);
  return end;
}
