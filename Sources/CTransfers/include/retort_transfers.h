/// Requests by the system's libcurl, bound at first use by dlopen: linking it would load it and what it needs, some thirty
/// libraries, into every program.
#pragma once

#include <stddef.h>

/// What is asked of a server.
typedef struct retort_transfer_request {
  const char *url;
  const char *headers;       ///< Lines “Name: value”, parted by line feeds.
  int is_head;               ///< 1 asks for the headers alone.
  double patience;           ///< Seconds without a byte after which the connection counts as broken.
  int is_local;              ///< 1 goes past any proxy: what stays on this machine must not leave it.
  const char *certificates;  ///< Trusted certificates, a file in PEM or a folder of them; empty takes the system's.
} retort_transfer_request;

/// Called on the caller's thread while a request is under way. Each returns 0 to go on, and anything else to end.
typedef struct retort_transfer_receiver {
  void *context;
  int (*idle)(void *context);
  /// A line of the head without its end; the status line first.
  int (*header)(void *context, const char *line, size_t length);
  /// The head is complete. Called once, before any body.
  int (*head)(void *context, int status);
  int (*body)(void *context, const char *bytes, size_t length);
} retort_transfer_receiver;

enum retort_transfer_end {
  RETORT_TRANSFER_DONE = 0,
  RETORT_TRANSFER_STOPPED = 1,     ///< A callback wanted no more.
  RETORT_TRANSFER_BROKEN = 2,      ///< Another attempt may go better.
  RETORT_TRANSFER_REFUSED = 3,     ///< Another attempt will go no better: an address, a protocol, a certificate.
  RETORT_TRANSFER_NO_LIBRARY = 4,  ///< libcurl is missing or too old.
};

/// Sends a request over http or https and waits for the end of its answer; redirects are answers like any other. Where it
/// does not end well, `message` says why in the library's words.
enum retort_transfer_end retort_transfer(const retort_transfer_request *request, const retort_transfer_receiver *receiver,
                                         char *message, size_t capacity);
