#pragma once
// The same view of the system headers as Foundation has: without it, types such as fd_set differ between modules.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <curl/curl.h>
