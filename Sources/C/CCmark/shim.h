#pragma once
// No feature macro (_GNU_SOURCE and its like) is defined here: Foundation's own modules are built without, and types such
// as fd_set would differ between modules.
#include <cmark.h>
