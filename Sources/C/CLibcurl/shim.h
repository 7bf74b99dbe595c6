#pragma once
// No feature macro (_GNU_SOURCE and its like) is defined here: Foundation's own modules are built without, and types such
// as fd_set would differ between modules.
#include <curl/curl.h>

// libcurl sets and reads its options through variadic functions, which Swift cannot call. One typed door for each kind
// of argument; the parentheses keep curl's type-checking macros of the same names out of the way.

static inline CURLcode shim_curl_set_long(CURL *easy, CURLoption option, long value) {
    return (curl_easy_setopt)(easy, option, value);
}
static inline CURLcode shim_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(easy, option, value);
}
static inline CURLcode shim_curl_set_string(CURL *easy, CURLoption option, const char *value) {
    return (curl_easy_setopt)(easy, option, value);
}
static inline CURLcode shim_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return (curl_easy_setopt)(easy, option, value);
}
static inline CURLcode shim_curl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return (curl_easy_setopt)(easy, option, value);
}
// CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION.
static inline CURLcode shim_curl_set_write(CURL *easy, CURLoption option, curl_write_callback callback) {
    return (curl_easy_setopt)(easy, option, callback);
}
static inline CURLcode shim_curl_set_open_socket(CURL *easy, curl_opensocket_callback callback) {
    return (curl_easy_setopt)(easy, CURLOPT_OPENSOCKETFUNCTION, callback);
}
static inline CURLcode shim_curl_get_offset(CURL *easy, CURLINFO information, curl_off_t *value) {
    return (curl_easy_getinfo)(easy, information, value);
}
static inline CURLcode shim_curl_get_long(CURL *easy, CURLINFO information, long *value) {
    return (curl_easy_getinfo)(easy, information, value);
}
static inline CURLMcode shim_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return (curl_multi_setopt)(multi, option, value);
}
static inline CURLMcode shim_curl_multi_set_pointer(CURLM *multi, CURLMoption option, void *value) {
    return (curl_multi_setopt)(multi, option, value);
}
static inline CURLMcode shim_curl_multi_set_socket(CURLM *multi, curl_socket_callback callback) {
    return (curl_multi_setopt)(multi, CURLMOPT_SOCKETFUNCTION, callback);
}
static inline CURLMcode shim_curl_multi_set_timer(CURLM *multi, curl_multi_timer_callback callback) {
    return (curl_multi_setopt)(multi, CURLMOPT_TIMERFUNCTION, callback);
}
// CURLOPT_READFUNCTION.
static inline CURLcode shim_curl_set_read(CURL *easy, curl_read_callback callback) {
    return (curl_easy_setopt)(easy, CURLOPT_READFUNCTION, callback);
}
// CURLOPT_XFERINFOFUNCTION.
static inline CURLcode shim_curl_set_progress(CURL *easy, curl_xferinfo_callback callback) {
    return (curl_easy_setopt)(easy, CURLOPT_XFERINFOFUNCTION, callback);
}
