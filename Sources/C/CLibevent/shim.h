#pragma once
// The C library's headers first, with the feature macros that Foundation's own modules are built with: libevent defines
// _GNU_SOURCE, which would change fd_set, and the compiler refuses two definitions of one type.
#include <sys/types.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <sys/eventfd.h>
