#pragma once
// The same view of the system headers as Foundation has: without it, types such as fd_set differ between modules.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// Hidden from Swift by the feature macros of its own view of <sys/socket.h>.
extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
