#pragma once
// No feature macro (_GNU_SOURCE and its like) is defined here: Foundation's own modules are built without, and types such
// as fd_set would differ between modules.
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
